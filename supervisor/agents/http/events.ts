/** Claude Code's events as its `http` hooks know them: what JSON can say there instead of exit 2. */

/** `decision`: `"decision": "block"`. `permission`: `permissionDecision` "deny". `decline`: `action` "decline". `toUser`: exit 2
 *  only shows stderr to the user, as `systemMessage` does. `nothing`: exit 2 has no effect. */
export type Block = 'decision' | 'permission' | 'decline' | 'toUser' | 'nothing';

export interface HttpEvent {
  block: Block;
  /** Plain text on stdout is context for the model. */
  isTextContext: boolean;
  /** `onFailure` of newer agents has no effect there, so neither has ours. */
  ignoresOnFailure: boolean;
}

function event(block: Block, more: Partial<HttpEvent> = {}): HttpEvent {
  return { block, isTextContext: false, ignoresOnFailure: false, ...more };
}

const EVENTS = new Map<string, HttpEvent>([
  ['UserPromptSubmit', event('decision', { isTextContext: true })],
  ['UserPromptExpansion', event('decision', { isTextContext: true })],
  ['PreToolUse', event('permission')],
  // Exit 2 is not honoured there, and yet `onFailure` denies.
  ['PermissionRequest', event('nothing')],
  ['PermissionDenied', event('nothing')],
  ['PostToolUse', event('decision')],
  ['PostToolUseFailure', event('decision')],
  ['PostToolBatch', event('decision')],
  ['Notification', event('nothing')],
  ['MessageDisplay', event('nothing')],
  ['SubagentStart', event('toUser')],
  ['SubagentStop', event('decision', { ignoresOnFailure: true })],
  ['TaskCreated', event('decision')],
  ['Stop', event('decision', { ignoresOnFailure: true })],
  ['StopFailure', event('nothing')],
  ['InstructionsLoaded', event('nothing')],
  ['ConfigChange', event('decision')],
  ['DirectoryAdded', event('nothing')],
  ['PreCompact', event('decision')],
  ['PostCompact', event('toUser')],
  ['PreModelSwitch', event('permission')],
  ['PostModelSwitch', event('nothing', { isTextContext: true })],
  ['Elicitation', event('decline')],
  ['ElicitationResult', event('decline')],
  ['SessionEnd', event('toUser')],
]);

/** Undefined for one that is not sent by HTTP, or where a hook can say more than JSON can. */
export function httpEvent(name: string): HttpEvent | undefined {
  return EVENTS.get(name);
}

const WHY_NOT: Readonly<Record<string, string>> = {
  SessionStart: 'the agent does not send it by HTTP',
  Setup: 'the agent does not send it by HTTP',
  CwdChanged: 'its hooks may write to CLAUDE_ENV_FILE, which HTTP does not tell',
  FileChanged: 'its hooks may write to CLAUDE_ENV_FILE, which HTTP does not tell',
  TaskCompleted: 'what exit 2 does there no answer by HTTP can say',
  TeammateIdle: 'what exit 2 does there no answer by HTTP can say',
  WorktreeCreate: 'its answer is a line of text and an exit status',
  WorktreeRemove: 'its answer is an exit status',
};

/** Why a hook of that event is not asked for by HTTP; undefined where it may be. */
export function whyNotByHttp(name: string): string | undefined {
  return httpEvent(name) === undefined
    ? (WHY_NOT[name] ?? 'what its answers mean by HTTP is not known here')
    : undefined;
}
