/** Events and contexts for the tests of validators. */
import type { AgentEvent, Validator, Verdict, WorkerContext } from '../../../workers/validators/api/validator.mjs';

export const PROJECT = '/proj';

type Judge = Required<Pick<Validator, 'validate'>>;

export function toolEvent(
  toolName: string,
  toolInput: Record<string, unknown>,
  more: Partial<AgentEvent> = {},
): AgentEvent {
  return {
    agent: 'claude',
    name: 'PreToolUse',
    sessionId: 's1',
    cwd: PROJECT,
    matched: toolName,
    toolName,
    toolInput,
    raw: {},
    ...more,
  };
}

export function contextOf(settings: Record<string, unknown> = {}, more: Partial<WorkerContext> = {}): WorkerContext {
  return { name: 'under-test', settings, cwd: PROJECT, sessionId: 's1', ...more };
}

export async function verdictOn(
  judge: Judge,
  event: AgentEvent,
  settings: Record<string, unknown> = {},
): Promise<Verdict> {
  return (await judge.validate(event, contextOf(settings))) ?? {};
}

/** Of a shell command; rules that are named alone are on, so that one row shows one rule. */
export function onCommand(judge: Judge, command: string, settings: Record<string, unknown> = {}): Promise<Verdict> {
  return verdictOn(judge, toolEvent('Bash', { command }), settings);
}

/** Settings that switch every rule off but one. */
export function onlyRule(ids: readonly string[], id: string): Record<string, unknown> {
  return { rules: Object.fromEntries(ids.filter((one) => one !== id).map((one) => [one, 'off'])) };
}
