/** What can be said on each of Claude Code's events. */
import type { AgentEvent, Decision } from '../../../contract/validating.js';
import { UNKNOWN_EVENT } from '../answers.js';
import type { Abilities } from '../verdicts.js';
import { type Block, claudeEvent } from './events.js';

const DECISIONS: Readonly<Record<Block, readonly Decision[]>> = {
  permission: ['deny', 'ask', 'allow'],
  decision: ['deny'],
  decline: ['deny'],
  exit: ['deny'],
  toUser: [],
  nothing: [],
};

/** Of what is said to the user there, nothing is shown. */
const UNHEARD = [
  'Notification',
  'StopFailure',
  'MessageDisplay',
  'InstructionsLoaded',
  'PermissionDenied',
  'WorktreeCreate',
  'WorktreeRemove',
];

export function can({ name }: AgentEvent): Abilities {
  const event = claudeEvent(name);
  if (event === undefined) return UNKNOWN_EVENT;
  const decisions: readonly Decision[] = name === 'PermissionRequest' ? ['deny', 'allow'] : DECISIONS[event.block];
  const abilities: Abilities = {
    decisions,
    denyEnds: decisions.includes('deny') && !event.isFeedback,
    canEndTurn: true,
    silenceAsks: name === 'PermissionRequest',
    rewrite: 'void',
    hasContext: event.hasContext,
    hasUserMessage: !UNHEARD.includes(name),
    failureDenies: decisions.includes('deny') && !event.ignoresOnFailure,
  };
  if (name === 'PreToolUse') {
    return { ...abilities, decisions: ['deny', 'defer', 'ask', 'allow'], rewrite: 'whole' };
  }
  return name === 'PermissionRequest' ? { ...abilities, rewrite: 'ifAllowed' } : abilities;
}
