/** Claude Code's events: what their matchers look at, and what an answer can say there. */

/** What exit 2 means. `decision`: `"decision": "block"`. `permission`: `permissionDecision` "deny". `decline`: `action`
 *  "decline". `exit`: it refuses, and no JSON does. `toUser`: it only shows stderr to the user, as `systemMessage`
 *  does. `nothing`: no effect. */
export type Block = 'decision' | 'permission' | 'decline' | 'exit' | 'toUser' | 'nothing';

export interface ClaudeEvent {
  block: Block;
  /** Field of the event that matchers look at; '' for none. */
  matched: string;
  /** Plain text on stdout is context for the model. */
  isTextContext: boolean;
  /** `additionalContext` reaches the model. */
  hasContext: boolean;
  /** `onFailure` of newer agents has no effect there, so neither has ours. */
  ignoresOnFailure: boolean;
  /** What is blocked has happened already, or goes on in another way: the reason is a further word to the model. */
  isFeedback: boolean;
}

function event(block: Block, matched: string, more: Partial<ClaudeEvent> = {}): ClaudeEvent {
  const plain = { isTextContext: false, hasContext: false, ignoresOnFailure: false, isFeedback: false };
  return { block, matched, ...plain, ...more };
}

const TEXT = { isTextContext: true, hasContext: true };
const CONTEXT = { hasContext: true };
const AFTERWARDS = { hasContext: true, isFeedback: true };
const AT_THE_END = { ignoresOnFailure: true, isFeedback: true };

const EVENTS = new Map<string, ClaudeEvent>([
  ['SessionStart', event('toUser', 'source', TEXT)],
  ['Setup', event('toUser', 'trigger', CONTEXT)],
  ['UserPromptSubmit', event('decision', '', TEXT)],
  ['UserPromptExpansion', event('decision', 'command_name', TEXT)],
  ['PreToolUse', event('permission', 'tool_name', CONTEXT)],
  // Exit 2 is not honoured there, and yet `onFailure` denies.
  ['PermissionRequest', event('nothing', 'tool_name')],
  ['PermissionDenied', event('nothing', 'tool_name')],
  ['PostToolUse', event('decision', 'tool_name', AFTERWARDS)],
  ['PostToolUseFailure', event('decision', 'tool_name', AFTERWARDS)],
  ['PostToolBatch', event('decision', '', AFTERWARDS)],
  ['Notification', event('nothing', 'notification_type')],
  ['MessageDisplay', event('nothing', '')],
  ['SubagentStart', event('toUser', 'agent_type', CONTEXT)],
  ['SubagentStop', event('decision', 'agent_type', { ...AT_THE_END, ...CONTEXT })],
  ['TaskCreated', event('decision', '')],
  ['TaskCompleted', event('exit', '', AT_THE_END)],
  ['Stop', event('decision', '', { ...AT_THE_END, ...CONTEXT })],
  ['StopFailure', event('nothing', 'error')],
  ['TeammateIdle', event('exit', '', AT_THE_END)],
  ['InstructionsLoaded', event('nothing', 'load_reason')],
  ['ConfigChange', event('decision', 'source')],
  ['CwdChanged', event('toUser', '')],
  ['DirectoryAdded', event('nothing', 'source')],
  ['FileChanged', event('toUser', 'file_path')],
  ['WorktreeCreate', event('exit', '')],
  ['WorktreeRemove', event('nothing', '')],
  ['PreCompact', event('decision', 'trigger')],
  ['PostCompact', event('toUser', 'trigger')],
  ['PreModelSwitch', event('permission', 'to_model')],
  ['PostModelSwitch', event('nothing', 'to_model', TEXT)],
  ['Elicitation', event('decline', 'mcp_server_name')],
  ['ElicitationResult', event('decline', 'mcp_server_name')],
  ['SessionEnd', event('toUser', 'reason')],
]);

/** Undefined for one that is not known here. */
export function claudeEvent(name: string): ClaudeEvent | undefined {
  return EVENTS.get(name);
}
