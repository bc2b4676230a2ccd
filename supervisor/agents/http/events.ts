/** Which of Claude Code's events its `http` hooks can answer as well as commands can. */
import { type ClaudeEvent, claudeEvent } from '../events/claude/events.js';

const WHY_NOT: ReadonlyMap<string, string> = new Map([
  ['SessionStart', 'the agent does not send it by HTTP'],
  ['Setup', 'the agent does not send it by HTTP'],
  ['CwdChanged', 'its hooks may write to CLAUDE_ENV_FILE, which HTTP does not tell'],
  ['FileChanged', 'its hooks may write to CLAUDE_ENV_FILE, which HTTP does not tell'],
  ['TaskCompleted', 'what exit 2 does there no answer by HTTP can say'],
  ['TeammateIdle', 'what exit 2 does there no answer by HTTP can say'],
  ['WorktreeCreate', 'its answer is a line of text and an exit status'],
  ['WorktreeRemove', 'its answer is an exit status'],
]);

/** Undefined for one that is not sent by HTTP, or where a hook can say more than JSON can. */
export function httpEvent(name: string): ClaudeEvent | undefined {
  return WHY_NOT.has(name) ? undefined : claudeEvent(name);
}

/** Why a hook of that event is not asked for by HTTP; undefined where it may be. */
export function whyNotByHttp(name: string): string | undefined {
  return httpEvent(name) === undefined
    ? (WHY_NOT.get(name) ?? 'what its answers mean by HTTP is not known here')
    : undefined;
}
