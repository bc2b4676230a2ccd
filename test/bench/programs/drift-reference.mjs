// What drift's analysers are to find, told by looking through everything that ever happened, as their documentation has it and without
// any of their code: slow, unbounded and plain. A finding is its kind, what it is about, and its number.

const REPEATS = 3;
const EVENTS_BACK = 50;
const GROWTH = 3;
const DURATION_MIN_MS = 5_000;
const CHARACTERS_MIN = 20_000;
const EARLIER = { min: 3, max: 8 };

/** @param facts of which the last has just come. @returns {string[]} in no order that means anything */
export function referenceFindings(facts) {
  const now = facts.at(-1);
  const before = facts.slice(0, -1);
  const own = before.filter(({ session }) => session === now.session);
  const same = own.filter(({ call }) => call === now.call);
  const found = [];

  if (now.isFailed) {
    let count = 1;
    while (same.at(-count)?.isFailed) count++;
    if (count % REPEATS === 0) found.push(`failed ${now.label} ${count}`);
  }
  if (now.edit !== undefined) {
    const count = 1 + own.filter(({ edit }) => edit?.change === now.edit.change).length;
    if (count % REPEATS === 0) found.push(`edited ${now.edit.path} ${count}`);
    const last = before.findLastIndex(({ edit }) => edit?.path === now.edit.path);
    const ago = before.length - last;
    const isOther = last >= 0 && (before[last].session !== now.session || before[last].agent !== now.agent);
    if (isOther && ago <= EVENTS_BACK) found.push(`other ${now.edit.path} ${ago}`);
  }
  const recent = same.slice(-EARLIER.max);
  const grown = (figure, least) => {
    if (now[figure] < least || recent.length < EARLIER.min) return false;
    const sorted = recent.map((one) => one[figure]).sort((a, b) => a - b);
    return now[figure] >= GROWTH * Math.max(1, sorted[Math.floor(sorted.length / 2)]);
  };
  if (grown('durationMs', DURATION_MIN_MS)) found.push(`took ${now.label} ${(now.durationMs / 1000).toFixed(1)}`);
  if (grown('characters', CHARACTERS_MIN)) found.push(`gave ${now.label} ${now.characters}`);
  return found.sort();
}

const SENTENCES = [
  [/^`(.+)` has failed (\d+) times in a row/, 'failed'],
  [/^The same edit of (\S+) has been made (\d+) times/, 'edited'],
  [/^(\S+) was edited by .+? (\d+) tool calls? before this edit/, 'other'],
  [/^`(.+)` took ([\d.]+) s, usually/, 'took'],
  [/^`(.+)` gave (\d+) characters, usually/, 'gave'],
];

/** What was said, in the same form. A sentence that is none of these is a finding of its own, which nothing equals. */
export function findingsIn(context) {
  const sentences = context === undefined ? [] : context.split('\n');
  return sentences.map(findingIn).sort();
}

function findingIn(sentence) {
  for (const [form, kind] of SENTENCES) {
    const found = form.exec(sentence);
    if (found !== null) return `${kind} ${found[1]} ${found[2]}`;
  }
  return `unknown ${sentence}`;
}
