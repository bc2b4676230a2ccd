/** What was found -> one verdict: the strictest decision, with the reasons of those that share it. */
const STRICTEST_FIRST = ['deny', 'ask', 'inform'];
const REASONS_MAX = 5;

/** @param {{decision: string, words: string}[]} findings */
export function verdictOf(findings) {
  const decision = STRICTEST_FIRST.find((one) => findings.some((finding) => finding.decision === one));
  if (decision === undefined) return {};
  const words = [...new Set(findings.filter((one) => one.decision === decision).map((one) => one.words))];
  const told = words.slice(0, REASONS_MAX);
  if (words.length > REASONS_MAX) told.push(`and ${words.length - REASONS_MAX} more`);
  return decision === 'inform' ? { context: told.join('\n') } : { decision, reason: told.join('; ') };
}
