import { describe, expect, test } from 'vitest';
import { parseEvent } from '../../../../supervisor/agents/events/parse.js';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import { EVENT_AGENTS } from '../../../../supervisor/contract/validating.js';
import { BEFORE_TOOL, eventOf } from './samples.js';

function parsed(raw: unknown, known = {}) {
  return parseEvent(Buffer.from(typeof raw === 'string' ? raw : JSON.stringify(raw)), known);
}

describe('an event before a tool', () => {
  test.each(EVENT_AGENTS)('%s is recognised by its own fields', (agent) => {
    expect(parsed(BEFORE_TOOL[agent])).toMatchObject({ ok: true, event: { agent, sessionId: 's1', cwd: '/proj' } });
  });

  test.each([
    ['claude', 'PreToolUse', 'Bash'],
    ['gemini', 'BeforeTool', 'run_shell_command'],
    ['codex', 'PreToolUse', 'Bash'],
    ['cursor', 'preToolUse', 'Shell'],
    ['copilot', 'preToolUse', 'bash'],
  ] as const)('%s: name, tool and input', (agent, name, toolName) => {
    const found = parsed(BEFORE_TOOL[agent]);
    expect(found).toMatchObject({ ok: true, event: { name, toolName, matched: toolName, raw: BEFORE_TOOL[agent] } });
    expect(found.ok && found.event.toolInput?.command).toBe('echo hi');
  });
});

describe('who sends it', () => {
  const session = { session_id: 's', cwd: '/', hook_event_name: 'SessionStart', source: 'startup' };
  test.each([
    ['claude', { ...session, transcript_path: '/t' }],
    ['claude', { ...session, transcript_path: '/t', model: 'm' }],
    ['codex', { ...session, transcript_path: null, model: 'm', permission_mode: 'default' }],
    ['gemini', { ...session, transcript_path: '/t', timestamp: 'now' }],
    ['copilot', { ...session, timestamp: 'now' }],
    ['cursor', { ...session, conversation_id: 's' }],
  ])('%s at the start of a session', (agent, raw) => {
    expect(parsed(raw)).toMatchObject({ ok: true, event: { agent, name: 'SessionStart' } });
  });

  test('the caller knows better', () => {
    expect(parsed(BEFORE_TOOL.claude, { agent: 'codex' })).toMatchObject({ ok: true, event: { agent: 'codex' } });
  });
});

describe('what its matchers look at', () => {
  test.each([
    ['claude', 'SessionStart', { source: 'resume' }, 'resume'],
    ['claude', 'Notification', { notification_type: 'idle_prompt' }, 'idle_prompt'],
    ['claude', 'FileChanged', { file_path: '/proj/.envrc' }, '.envrc'],
    ['claude', 'Elicitation', { mcp_server_name: 'memory' }, 'memory'],
    ['claude', 'Stop', {}, ''],
    ['claude', 'EventOfLater', {}, 'Bash'],
    ['gemini', 'PreCompress', { trigger: 'auto' }, 'auto'],
    ['gemini', 'BeforeAgent', {}, ''],
    ['codex', 'SubagentStop', { agent_type: 'review' }, 'review'],
    ['codex', 'PreCompact', { trigger: 'auto' }, ''],
    ['cursor', 'beforeShellExecution', { command: 'rm -rf x' }, 'rm -rf x'],
    ['cursor', 'beforeMCPExecution', { tool_name: 'query' }, 'MCP:query'],
    ['cursor', 'beforeReadFile', {}, 'Read'],
    ['cursor', 'beforeSubmitPrompt', {}, 'UserPromptSubmit'],
    ['copilot', 'notification', { notification_type: 'agent_idle' }, 'agent_idle'],
    ['copilot', 'SubagentStart', { agent_name: 'explore' }, 'explore'],
    ['copilot', 'agentStop', {}, ''],
  ] as const)('%s, %s', (agent, name, more, matched) => {
    expect(eventOf(agent, name, more)).toMatchObject({ name, matched });
  });
});

test.each([
  [{ toolName: 'bash', toolArgs: {}, toolResult: {} }, 'postToolUse'],
  [{ toolName: 'bash', toolArgs: {}, error: 'e' }, 'postToolUseFailure'],
  [{ toolName: 'bash', toolInput: {} }, 'permissionRequest'],
  [{ prompt: 'p', transformedPrompt: 't' }, 'userPromptTransformed'],
  [{ prompt: 'p' }, 'userPromptSubmitted'],
  [{ error: {}, errorContext: 'system' }, 'errorOccurred'],
  [{ agentName: 'a', stopReason: 'end_turn' }, 'subagentStop'],
  [{ agentName: 'a' }, 'subagentStart'],
  [{ stopReason: 'end_turn' }, 'agentStop'],
  [{ trigger: 'auto' }, 'preCompact'],
  [{ source: 'new' }, 'sessionStart'],
  [{ reason: 'complete' }, 'sessionEnd'],
])('Copilot does not name its events; %j is %s', (fields, name) => {
  expect(parsed({ sessionId: 's', timestamp: 1, cwd: '/', ...fields })).toMatchObject({ event: { name } });
});

test('Cursor tells of a command or a file in fields of their own, of an MCP tool in JSON inside of JSON', () => {
  const shell = eventOf('cursor', 'beforeShellExecution', { tool_input: undefined, command: 'ls' });
  expect(shell).toMatchObject({ toolName: 'Shell', toolInput: { command: 'ls', cwd: '/proj' } });
  const mcp = eventOf('cursor', 'beforeMCPExecution', { tool_name: 'q', tool_input: '{"sql":"x"}' });
  expect(mcp).toMatchObject({ toolName: 'q', toolInput: { sql: 'x' } });
});

describe('a problem, with what helps', () => {
  test.each([
    ['', /no JSON object/],
    ['[1]', /no JSON object/],
    ['{"a":1', /no JSON object/],
    [`{"a":${'['.repeat(300)}${']'.repeat(300)}}`, /no JSON object/],
    ['{"a":1}', /of no agent/],
  ])('%.20s', (text, what) => {
    const found = parsed(text);
    expect(found).toMatchObject({ ok: false, problem: { where: 'event', what: expect.stringMatching(what) } });
    expect(!found.ok && found.problem.remedy).not.toBe('');
  });

  test('an agent is known, its event is not', () => {
    expect(parsed('{"a":1}', { agent: 'copilot' })).toMatchObject({ problem: { remedy: 'say the name of the event' } });
    expect(parsed('{"a":1}', { agent: 'copilot', name: 'preToolUse' })).toMatchObject({ ok: true });
  });

  test('too many values, which a parser would take long for', () => {
    const list = (length: number) => ({ ...BEFORE_TOOL.claude, list: Array.from({ length }, () => 1) });
    expect(parsed(list(LIMITS.eventValuesMax - 100))).toMatchObject({ ok: true });
    expect(parsed(list(LIMITS.eventValuesMax))).toMatchObject({
      ok: false,
      problem: { what: expect.stringMatching(/no JSON object of/) },
    });
  });

  test('too large', () => {
    const large = { ...BEFORE_TOOL.claude, filler: 'x'.repeat(LIMITS.eventMaxBytes) };
    expect(parsed(large)).toMatchObject({ ok: false, problem: { what: expect.stringMatching(/bytes/) } });
  });
});
