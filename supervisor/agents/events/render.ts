/** A merged verdict -> what the agent is told, in its own words. What it cannot be told becomes the next stricter thing
 *  that it can, and the reason says so; what has no stricter form is given back as lost. */
import { LIMITS } from '../../contract/limits.js';
import type { AgentEvent, Decision } from '../../contract/validating.js';
import type { Fields } from '../json/fields.js';
import { abilitiesAt, RULES, titleOf } from './rules.js';
import type { Abilities, Answer, Merged, Said } from './verdicts.js';

export interface Rendered extends Answer {
  /** What could not be told, in words; for whoever asked. */
  lost: readonly string[];
}

/** Nothing to say is an empty answer: to the agents silence is no approval. */
export function render(event: AgentEvent, merged: Merged): Rendered {
  const { said, lost } = fitted(event, merged);
  return { ...RULES[event.agent].write(event, said), lost };
}

interface Choice {
  decision: Decision | undefined;
  reason: string;
}

function fitted(event: AgentEvent, merged: Merged): { said: Said; lost: string[] } {
  const can = abilitiesAt(event);
  const lost: string[] = [];
  const wanted = { decision: merged.decision, reason: merged.reason ?? '' };
  const sayable = decisionFor(event, can, wanted);
  const isLost = sayable.decision === undefined && (wanted.decision === 'deny' || wanted.decision === 'defer');
  if (isLost) lost.push(`a ${wanted.decision} has no effect on ${event.name}`);
  const { decision, reason, updatedInput } = withInput(event, can, sayable, merged.updatedInput, lost);
  const messages = [
    ...merged.userMessages,
    ...(isLost || wanted.decision === 'ask' ? unsaidReason(sayable, reason) : []),
  ];
  const { context, userMessage } = wordsFor(event, can, merged.contexts, messages, lost);
  return {
    said: {
      ...(decision === undefined ? {} : { decision }),
      reason: decision === undefined ? '' : reason,
      context,
      ...(updatedInput === undefined ? {} : { updatedInput }),
      userMessage,
      ...(merged.stops === undefined ? {} : { stops: merged.stops }),
      others: merged.others,
    },
    lost,
  };
}

/** Of a decision that is said by silence, or not at all, the user may still be told why. */
function unsaidReason({ decision }: Choice, reason: string): string[] {
  return decision === undefined && reason !== '' ? [reason] : [];
}

function decisionFor(event: AgentEvent, can: Abilities, { decision, reason }: Choice): Choice {
  if (decision === undefined || can.decisions.includes(decision)) return { decision, reason };
  // An approval that cannot be given is none: the agent does what it does without one.
  if (decision === 'allow') return { decision: undefined, reason: '' };
  if (decision === 'ask' && can.silenceAsks) return { decision: undefined, reason };
  if (!can.decisions.includes('deny')) return { decision: undefined, reason };
  // Who has `defer` has `ask`, too: what is left that is stricter than a missing one is a deny.
  const why = `${titleOf(event.agent)} has no "${decision}" on ${event.name}: taken as "deny"`;
  return { decision: 'deny', reason: reason === '' ? why : `${reason}\n(${why})` };
}

function withInput(
  event: AgentEvent,
  can: Abilities,
  choice: Choice,
  updatedInput: Fields | undefined,
  lost: string[],
): Choice & { updatedInput: Fields | undefined } {
  // What is refused has no input.
  if (updatedInput === undefined || choice.decision === 'deny') return { ...choice, updatedInput: undefined };
  if (can.rewrite === 'void') {
    lost.push(`there is no input to rewrite on ${event.name}`);
    return { ...choice, updatedInput: undefined };
  }
  if (isRewritable(event, can, choice.decision, updatedInput)) return { ...choice, updatedInput };
  const shown = JSON.stringify(updatedInput).slice(0, LIMITS.reasonPartMaxCharacters);
  const why = `its input must be rewritten, which ${titleOf(event.agent)} cannot do here; use this one: ${shown}`;
  const reason = choice.reason === '' ? why : `${choice.reason}\n${why}`;
  return { decision: 'deny', reason, updatedInput: undefined };
}

function isRewritable(
  event: AgentEvent,
  can: Abilities,
  decision: Decision | undefined,
  updatedInput: Fields,
): boolean {
  switch (can.rewrite) {
    case 'whole':
    case 'besideAllow':
      return true;
    case 'merged':
      return Object.keys(event.toolInput ?? {}).every((key) => Object.hasOwn(updatedInput, key));
    case 'ifAllowed':
      return decision === 'allow';
    default:
      return false;
  }
}

function wordsFor(
  event: AgentEvent,
  can: Abilities,
  contexts: readonly string[],
  messages: readonly string[],
  lost: string[],
): { context: string; userMessage: string } {
  // Whom the user cannot hear of, the model can.
  const told = can.hasUserMessage ? contexts : [...contexts, ...(can.hasContext ? messages : [])];
  if (!can.hasContext && told.length > 0) lost.push(`context does not reach the model on ${event.name}`);
  if (!can.hasUserMessage && !can.hasContext && messages.length > 0)
    lost.push(`no message reaches the user on ${event.name}`);
  return {
    context: can.hasContext ? told.join('\n\n') : '',
    userMessage: can.hasUserMessage ? messages.join('\n') : '',
  };
}
