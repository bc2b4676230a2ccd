import { describe, expect, test } from 'vitest';
import { compileMatcher } from '../../../../supervisor/agents/events/matcher.js';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import { EVENT_AGENTS, type EventAgent } from '../../../../supervisor/contract/validating.js';
import { eventOf } from './samples.js';

const TOOL_EVENT = {
  claude: 'PreToolUse',
  gemini: 'BeforeTool',
  codex: 'PreToolUse',
  cursor: 'preToolUse',
  copilot: 'preToolUse',
} as const;

function matches(agent: EventAgent, matcher: string, tool: string): boolean {
  const compiled = compileMatcher(matcher, [agent]);
  if (!compiled.ok) throw new Error(compiled.what);
  return compiled.matches(
    eventOf(agent, TOOL_EVENT[agent], agent === 'copilot' ? { toolName: tool } : { tool_name: tool }),
  );
}

describe.each(EVENT_AGENTS)('%s', (agent) => {
  test.each(['', '*', ' '])('"%s" means all', (matcher) => {
    expect(matches(agent, matcher, 'Bash')).toBe(true);
  });

  test('a name means itself', () => {
    expect(matches(agent, 'Bash', 'Bash')).toBe(true);
    expect(matches(agent, 'Bash', 'Read')).toBe(false);
    expect(matches(agent, 'Edit|Write', 'Write')).toBe(true);
  });

  test('a text that is too long to look at is meant, so that no guard can be slipped past', () => {
    expect(matches(agent, 'Bash', 'x'.repeat(LIMITS.matchedMaxCharacters + 1))).toBe(true);
  });

  test('where the agent looks at nothing every event is meant', () => {
    const compiled = compileMatcher('Bash', EVENT_AGENTS);
    const event = { ...eventOf(agent, TOOL_EVENT[agent]), matched: '' };
    expect(compiled.ok && compiled.matches(event)).toBe(true);
  });
});

test.each([
  // Claude Code: letters, digits, _, -, blanks, commas and | are names; anything else an expression, not anchored.
  ['claude', 'Edit', 'NotebookEdit', false],
  ['claude', 'Edit.*', 'NotebookEdit', true],
  ['claude', 'Edit, Write', 'Write', true],
  ['claude', 'mcp__memory', 'mcp__memory__add', false],
  ['claude', 'mcp__memory__.*', 'mcp__memory__add', true],
  ['claude', 'my-tool', 'my-tool-2', false],
  ['claude', '^Bash$', 'Bash', true],
  // Codex CLI: no blanks, commas or hyphens in names; an edit by its own name or Claude Code's.
  ['codex', 'my-tool', 'my-tool-2', true],
  ['codex', 'Bash', 'BashOutput', false],
  ['codex', 'Write', 'apply_patch', true],
  ['codex', '^Edit$', 'apply_patch', true],
  ['codex', 'Agent', 'spawn_agent', true],
  // Gemini CLI: always an expression, and a name if it is none.
  ['gemini', 'read_.*', 'read_file', true],
  ['gemini', 'file', 'read_file', true],
  ['gemini', ' file ', 'read_file', true],
  ['gemini', '[', '[', true],
  ['gemini', '[', 'x', false],
  ['cursor', 'Shell|Write', 'Shell', true],
  ['cursor', 'MCP:.*', 'Shell', false],
  // Copilot CLI: anchored.
  ['copilot', 'ed', 'edit', false],
  ['copilot', 'ed.*', 'edit', true],
  ['copilot', 'bash', 'Bash', true],
  ['copilot', '**', 'edit', true],
] as const)('%s: "%s" and %s -> %s', (agent, matcher, tool, isMeant) => {
  expect(matches(agent, matcher, tool)).toBe(isMeant);
});

test('Claude Code has fewer names in lists for files and errors', () => {
  const compiled = compileMatcher('a-b', ['claude']);
  const event = eventOf('claude', 'FileChanged', { file_path: '/x/a-bc' });
  expect(compiled.ok && compiled.matches(event)).toBe(true);
  expect(compiled.ok && compiled.matches(eventOf('claude', 'PreToolUse', { tool_name: 'a-bc' }))).toBe(false);
});

test('Gemini CLI compares triggers as they are', () => {
  const compiled = compileMatcher('start.*', ['gemini']);
  const event = eventOf('gemini', 'SessionStart', { source: 'startup', tool_name: undefined });
  expect(compiled.ok && compiled.matches(event)).toBe(false);
});

test('Cursor looks at the whole command', () => {
  const compiled = compileMatcher('curl|wget', ['cursor']);
  const event = (command: string) => eventOf('cursor', 'beforeShellExecution', { command });
  expect(compiled.ok && compiled.matches(event('sudo curl x'))).toBe(true);
  expect(compiled.ok && compiled.matches(event('ls'))).toBe(false);
});

test('an expression that is not valid is a problem, but for Gemini CLI, which takes it for a name', () => {
  expect(compileMatcher('Bash(', ['gemini'])).toMatchObject({ ok: true });
  for (const agent of ['claude', 'codex', 'cursor', 'copilot'] as const) {
    const what = expect.stringMatching(/"Bash\(" is no valid expression to (Claude Code|Codex CLI|Cursor|GitHub)/);
    expect(compileMatcher('Bash(', [agent])).toMatchObject({ ok: false, what, remedy: expect.any(String) });
  }
});

test('an event of an agent that it was not compiled for is not meant', () => {
  const compiled = compileMatcher('Bash', ['claude']);
  expect(compiled.ok && compiled.matches(eventOf('codex', 'PreToolUse'))).toBe(false);
});
