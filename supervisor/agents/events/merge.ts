/** What validators and wrapped hooks say of one event -> one verdict. It depends on how they are declared, never on who
 *  came first. */
import { LIMITS } from '../../contract/limits.js';
import { type AgentEvent, DECISIONS, type Decision } from '../../contract/validating.js';
import type { Fields } from '../json/fields.js';
import { isSame, mergedRewrites } from './rewrites.js';
import { abilitiesAt } from './rules.js';
import type { Merged, Note, Opinion, Others, Saying } from './verdicts.js';

interface Decided {
  decision: Decision;
  reason: string;
  /** It is there because something was never asked: said only where nobody refuses for a reason of his own. */
  isForWantOfAnswer: boolean;
}

interface Said {
  name: string;
  verdict: Saying;
}

export function merge(event: AgentEvent, opinions: readonly Opinion[]): Merged {
  const declared = [...opinions].sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
  const said = declared.flatMap(({ name, outcome }): Said[] =>
    outcome.kind === 'answered' ? [{ name, verdict: outcome.verdict }] : [],
  );
  const winner = decide(declared.flatMap((opinion) => decidedBy(event, opinion)));
  const rewrites = rewritten(event, said);
  const others = mergedOthers(said);
  const stops = stopped(said);
  const isRefused = winner.decision === 'deny';
  return {
    ...(winner.decision === undefined ? {} : { decision: winner.decision }),
    ...(winner.reason === '' ? {} : { reason: winner.reason }),
    contexts: textsOf(said, 'context'),
    ...(rewrites.input === undefined ? {} : { updatedInput: rewrites.input }),
    userMessages: [
      ...textsOf(said, 'userMessage'),
      ...declared.flatMap((opinion) => toldFailure(event, opinion)),
      // Of an input that is refused anyway the user need not hear.
      ...(isRefused ? [] : rewrites.conflicts.map(({ text }) => text)),
    ],
    ...(stops === undefined ? {} : { stops }),
    others: others.merged,
    notes: [...declared.flatMap((opinion) => unsaid(event, opinion)), ...rewrites.conflicts, ...others.conflicts],
  };
}

/** Whether what is known already settles the verdict, so that the agent need not wait for the others. Hooks that can still
 *  end the turn, which beats a deny, are waited for. */
export function isPlain(event: AgentEvent, known: readonly Opinion[], hooksPending: boolean): boolean {
  const { denyEnds, canEndTurn } = abilitiesAt(event);
  const isTurnOpen = known.every(({ outcome }) => outcome.kind !== 'answered' || outcome.verdict.stops === undefined);
  if (!denyEnds || (hooksPending && canEndTurn && isTurnOpen)) return false;
  return known.some((opinion) =>
    decidedBy(event, opinion).some((one) => one.decision === 'deny' && !one.isForWantOfAnswer),
  );
}

/** The hook whose own words the agent can be given just as they are, since nobody else has anything to say. */
export function soleSpeaker(event: AgentEvent, opinions: readonly Opinion[]): Opinion | undefined {
  const heard = opinions.filter((opinion) => isHeard(event, opinion));
  const candidates = heard.length === 0 ? opinions.filter(({ isHook }) => isHook) : heard;
  const [one, another] = candidates.filter(({ outcome }) => outcome.kind !== 'skipped');
  if (one?.isHook !== true || another !== undefined) return undefined;
  const denies = decidedBy(event, one).some(({ decision }) => decision === 'deny');
  // A failure that denies does so in our words.
  if (denies && one.outcome.kind === 'failed') return undefined;
  // Who was not asked is not heard beside a deny.
  return denies || heard.length <= 1 ? one : undefined;
}

/** Whether it adds anything to what the agent is told. */
function isHeard(event: AgentEvent, opinion: Opinion): boolean {
  if (opinion.outcome.kind !== 'answered')
    return decidedBy(event, opinion).length > 0 || toldFailure(event, opinion).length > 0;
  const { others, ...verdict } = opinion.outcome.verdict;
  return [verdict, others?.top, others?.specific].some((part) => Object.keys(part ?? {}).length > 0);
}

function decidedBy(event: AgentEvent, { name, outcome, onFailure }: Opinion): Decided[] {
  if (outcome.kind === 'answered') {
    const { decision, reason } = outcome.verdict;
    if (decision === undefined) return [];
    const words = reason || (decision === 'deny' ? `${name} denies it` : '');
    return [{ decision, reason: words, isForWantOfAnswer: false }];
  }
  if (onFailure === 'continue' || !abilitiesAt(event).failureDenies) return [];
  const why =
    outcome.kind === 'failed'
      ? `failed (${outcome.cause}): ${cut(outcome.message)}`
      : `was not asked: ${cut(outcome.because)}`;
  const reason = `${name} ${why}; without its answer this is denied`;
  return [{ decision: 'deny', reason, isForWantOfAnswer: outcome.kind === 'skipped' }];
}

function decide(decided: readonly Decided[]): { decision: Decision | undefined; reason: string } {
  const decision = DECISIONS.find((one) => decided.some((each) => each.decision === one));
  const winning = decided.filter((each) => each.decision === decision);
  const ownReasons = winning.filter((each) => !each.isForWantOfAnswer);
  const told = ownReasons.length > 0 ? ownReasons : winning;
  return { decision, reason: told.flatMap(({ reason }) => (reason === '' ? [] : [reason])).join('\n') };
}

/** What the agent is not told, since it was not to matter. */
function unsaid(event: AgentEvent, { name, outcome, onFailure }: Opinion): Note[] {
  if (outcome.kind === 'answered') return [];
  if (outcome.kind === 'skipped') return [{ kind: 'skipped', name, text: outcome.because }];
  const denies = onFailure === 'block' && abilitiesAt(event).failureDenies;
  return denies ? [] : [{ kind: 'failed', name, text: `${outcome.cause}: ${outcome.message}` }];
}

/** As the agent would tell its user, had it started the hook itself. */
function toldFailure(event: AgentEvent, opinion: Opinion): string[] {
  const { name, outcome, isHook } = opinion;
  if (isHook !== true || outcome.kind !== 'failed' || !abilitiesAt(event).hasUserMessage) return [];
  return decidedBy(event, opinion).length > 0 ? [] : [`${name} failed: ${cut(outcome.message)}`];
}

function rewritten(event: AgentEvent, said: readonly Said[]): { input: Fields | undefined; conflicts: Note[] } {
  const rewrites = said.flatMap(({ name, verdict: { updatedInput } }) =>
    updatedInput === undefined ? [] : [{ name, updatedInput }],
  );
  const { input, conflicts } = mergedRewrites(event.toolInput ?? {}, rewrites);
  return {
    input,
    conflicts: conflicts.map(({ key, loser, winner }) => ({
      kind: 'conflict',
      name: winner,
      text: `${loser} and ${winner} rewrite "${key}" differently; ${winner} is declared later and wins`,
    })),
  };
}

function mergedOthers(said: readonly Said[]): { merged: Others; conflicts: Note[] } {
  const conflicts: Note[] = [];
  const mergedOf = (part: keyof Others): Fields => {
    const fields = new Map<string, { name: string; value: unknown }>();
    for (const { name, verdict } of said) {
      for (const [field, value] of Object.entries(verdict.others?.[part] ?? {})) {
        const before = fields.get(field);
        if (before !== undefined && !isSame(before.value, value)) {
          const text = `${before.name} and ${name} give different "${field}"; ${name} is declared later and wins`;
          conflicts.push({ kind: 'conflict', name, text });
        }
        fields.set(field, { name, value });
      }
    }
    return Object.fromEntries([...fields].map(([field, { value }]) => [field, value]));
  };
  return { merged: { top: mergedOf('top'), specific: mergedOf('specific') }, conflicts };
}

function stopped(said: readonly Said[]): string | undefined {
  const stops = said.flatMap(({ verdict }) => (verdict.stops === undefined ? [] : [verdict.stops]));
  return stops.length === 0 ? undefined : stops.filter((reason) => reason !== '').join('\n');
}

function textsOf(said: readonly Said[], part: 'context' | 'userMessage'): string[] {
  return said.flatMap(({ verdict }) => verdict[part] || []);
}

function cut(text: string): string {
  return text.slice(0, LIMITS.reasonPartMaxCharacters);
}
