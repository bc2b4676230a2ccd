import { parseEvent } from '../../../../supervisor/agents/events/parse.js';
import type { CommandEnd, Opinion, Outcome } from '../../../../supervisor/agents/events/verdicts.js';
import type { AgentEvent, EventAgent, OnFailure, Verdict } from '../../../../supervisor/contract/validating.js';

/** What each agent sends before a tool, as it was seen or is documented. */
export const BEFORE_TOOL: Readonly<Record<EventAgent, Record<string, unknown>>> = {
  claude: {
    session_id: 's1',
    transcript_path: '/t.jsonl',
    cwd: '/proj',
    prompt_id: 'p1',
    permission_mode: 'default',
    effort: { level: 'medium' },
    hook_event_name: 'PreToolUse',
    tool_name: 'Bash',
    tool_input: { command: 'echo hi', description: 'run' },
    tool_use_id: 'toolu_1',
  },
  gemini: {
    session_id: 's1',
    transcript_path: '/t.json',
    cwd: '/proj',
    hook_event_name: 'BeforeTool',
    timestamp: '2026-11-27T10:00:00.000Z',
    tool_name: 'run_shell_command',
    tool_input: { command: 'echo hi', description: 'run' },
  },
  codex: {
    session_id: 's1',
    turn_id: 't1',
    transcript_path: null,
    cwd: '/proj',
    hook_event_name: 'PreToolUse',
    model: 'm',
    permission_mode: 'default',
    tool_name: 'Bash',
    tool_input: { command: 'echo hi' },
    tool_use_id: 'c1',
  },
  cursor: {
    conversation_id: 's1',
    generation_id: 'g1',
    hook_event_name: 'preToolUse',
    cursor_version: '3.1.0',
    workspace_roots: ['/proj'],
    tool_name: 'Shell',
    tool_input: { command: 'echo hi', working_directory: '/proj' },
    cwd: '/proj',
  },
  copilot: {
    sessionId: 's1',
    timestamp: 1_764_000_000_000,
    cwd: '/proj',
    toolName: 'bash',
    toolArgs: { command: 'echo hi' },
  },
};

/** Another event of that agent, with what that event has of its own. */
export function eventOf(agent: EventAgent, name: string, more: Record<string, unknown> = {}): AgentEvent {
  const raw = { ...BEFORE_TOOL[agent], ...(agent === 'copilot' ? {} : { hook_event_name: name }), ...more };
  const parsed = parseEvent(Buffer.from(JSON.stringify(raw)), { agent, name });
  if (!parsed.ok) throw new Error(parsed.problem.what);
  return parsed.event;
}

export function opinion(name: string, order: number, outcome: Outcome, onFailure: OnFailure = 'continue'): Opinion {
  return { name, order, outcome, onFailure };
}

export function hookOpinion(name: string, order: number, outcome: Outcome, onFailure: OnFailure = 'continue'): Opinion {
  return { ...opinion(name, order, outcome, onFailure), isHook: true };
}

/** One validator after the other. */
export function opinions(...verdicts: Verdict[]): Opinion[] {
  return verdicts.map((verdict, order) => opinion(`v${order}`, order, { kind: 'answered', verdict }));
}

export function end(exitCode: number | null, stdout: unknown = '', stderr = ''): CommandEnd {
  const text = typeof stdout === 'string' ? stdout : JSON.stringify(stdout);
  return { exitCode, stdout: Buffer.from(text), stderr: Buffer.from(stderr) };
}
