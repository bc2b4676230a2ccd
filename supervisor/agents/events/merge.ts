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

const NOTHING_DECIDED = { decision: undefined, reason: '' };
const NOTHING_REWRITTEN = { input: undefined, conflicts: [] };

interface Said {
  name: string;
  verdict: Saying;
}

/** Every event passes here between the last word said of it and its answer: with `flatMap` in place of loops it took 5 us more. */
export function merge(event: AgentEvent, opinions: readonly Opinion[]): Merged {
  const declared = [...opinions].sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
  const said: Said[] = [];
  for (const { name, outcome } of declared) {
    if (outcome.kind === 'answered') said.push({ name, verdict: outcome.verdict });
  }
  const winner = decide(found(declared, (opinion) => decidedBy(event, opinion)));
  const rewrites = rewritten(event, said);
  const others = mergedOthers(said);
  const stops = stopped(said);
  const userMessages = textsOf(said, 'userMessage');
  userMessages.push(...found(declared, (opinion) => toldFailure(event, opinion)));
  // Of an input that is refused anyway the user need not hear.
  if (winner.decision !== 'deny') userMessages.push(...rewrites.conflicts.map(({ text }) => text));
  const merged: Merged = {
    contexts: textsOf(said, 'context'),
    userMessages,
    others: others.merged,
    notes: [...found(declared, (opinion) => unsaid(event, opinion)), ...rewrites.conflicts, ...others.conflicts],
  };
  if (winner.decision !== undefined) merged.decision = winner.decision;
  if (winner.reason !== '') merged.reason = winner.reason;
  if (rewrites.input !== undefined) merged.updatedInput = rewrites.input;
  if (stops !== undefined) merged.stops = stops;
  return merged;
}

function found<From, To>(all: readonly From[], of: (one: From) => To | undefined): To[] {
  const those: To[] = [];
  for (const one of all) {
    const its = of(one);
    if (its !== undefined) those.push(its);
  }
  return those;
}

/** Whether what is known already settles the verdict, so that the agent need not wait for the others. Hooks that can still
 *  end the turn, which beats a deny, are waited for. */
export function isPlain(event: AgentEvent, known: readonly Opinion[], hooksPending: boolean): boolean {
  const { denyEnds, canEndTurn } = abilitiesAt(event);
  const isTurnOpen = known.every(({ outcome }) => outcome.kind !== 'answered' || outcome.verdict.stops === undefined);
  if (!denyEnds || (hooksPending && canEndTurn && isTurnOpen)) return false;
  return known.some((opinion) => {
    const decided = decidedBy(event, opinion);
    return decided?.decision === 'deny' && !decided.isForWantOfAnswer;
  });
}

/** The hook whose own words the agent can be given just as they are, since nobody else has anything to say. */
export function soleSpeaker(event: AgentEvent, opinions: readonly Opinion[]): Opinion | undefined {
  const heard = opinions.filter((opinion) => isHeard(event, opinion));
  const candidates = heard.length === 0 ? opinions.filter(({ isHook }) => isHook) : heard;
  const [one, another] = candidates.filter(({ outcome }) => outcome.kind !== 'skipped');
  if (one?.isHook !== true || another !== undefined) return undefined;
  const denies = decidedBy(event, one)?.decision === 'deny';
  // A failure that denies does so in our words.
  if (denies && one.outcome.kind === 'failed') return undefined;
  // Who was not asked is not heard beside a deny.
  return denies || heard.length <= 1 ? one : undefined;
}

/** Whether it adds anything to what the agent is told. */
function isHeard(event: AgentEvent, opinion: Opinion): boolean {
  if (opinion.outcome.kind !== 'answered')
    return decidedBy(event, opinion) !== undefined || toldFailure(event, opinion) !== undefined;
  const { others, ...verdict } = opinion.outcome.verdict;
  return [verdict, others?.top, others?.specific].some((part) => Object.keys(part ?? {}).length > 0);
}

function decidedBy(event: AgentEvent, { name, outcome, onFailure }: Opinion): Decided | undefined {
  if (outcome.kind === 'answered') {
    const { decision, reason } = outcome.verdict;
    if (decision === undefined) return undefined;
    const words = reason || (decision === 'deny' ? `${name} denies it` : '');
    return { decision, reason: words, isForWantOfAnswer: false };
  }
  if (onFailure === 'continue' || !abilitiesAt(event).failureDenies) return undefined;
  const why =
    outcome.kind === 'failed'
      ? `failed (${outcome.cause}): ${cut(outcome.message)}`
      : `was not asked: ${cut(outcome.because)}`;
  const reason = `${name} ${why}; without its answer this is denied`;
  return { decision: 'deny', reason, isForWantOfAnswer: outcome.kind === 'skipped' };
}

function decide(decided: readonly Decided[]): { decision: Decision | undefined; reason: string } {
  if (decided.length === 0) return NOTHING_DECIDED;
  const decision = DECISIONS.find((one) => decided.some((each) => each.decision === one));
  const winning = decided.filter((each) => each.decision === decision);
  const ownReasons = winning.filter((each) => !each.isForWantOfAnswer);
  const told = ownReasons.length > 0 ? ownReasons : winning;
  return {
    decision,
    reason: told
      .map(({ reason }) => reason)
      .filter((reason) => reason !== '')
      .join('\n'),
  };
}

/** What the agent is not told, since it was not to matter. */
function unsaid(event: AgentEvent, { name, outcome, onFailure }: Opinion): Note | undefined {
  if (outcome.kind === 'answered') return undefined;
  if (outcome.kind === 'skipped') return { kind: 'skipped', name, text: outcome.because };
  const denies = onFailure === 'block' && abilitiesAt(event).failureDenies;
  return denies ? undefined : { kind: 'failed', name, text: `${outcome.cause}: ${outcome.message}` };
}

/** As the agent would tell its user, had it started the hook itself. */
function toldFailure(event: AgentEvent, opinion: Opinion): string | undefined {
  const { name, outcome, isHook } = opinion;
  if (isHook !== true || outcome.kind !== 'failed' || !abilitiesAt(event).hasUserMessage) return undefined;
  return decidedBy(event, opinion) === undefined ? `${name} failed: ${cut(outcome.message)}` : undefined;
}

function rewritten(event: AgentEvent, said: readonly Said[]): { input: Fields | undefined; conflicts: Note[] } {
  const rewrites = found(said, ({ name, verdict: { updatedInput } }) =>
    updatedInput === undefined ? undefined : { name, updatedInput },
  );
  if (rewrites.length === 0) return NOTHING_REWRITTEN;
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
  if (said.every(({ verdict }) => verdict.others === undefined)) {
    return { merged: { top: {}, specific: {} }, conflicts: [] };
  }
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
  const stops = found(said, ({ verdict }) => verdict.stops);
  return stops.length === 0 ? undefined : stops.filter((reason) => reason !== '').join('\n');
}

function textsOf(said: readonly Said[], part: 'context' | 'userMessage'): string[] {
  return found(said, ({ verdict }) => verdict[part] || undefined);
}

function cut(text: string): string {
  return text.slice(0, LIMITS.reasonPartMaxCharacters);
}
