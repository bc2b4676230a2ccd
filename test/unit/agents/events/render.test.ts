import { describe, expect, test } from 'vitest';
import { merge } from '../../../../supervisor/agents/events/merge.js';
import { render } from '../../../../supervisor/agents/events/render.js';
import { EVENT_AGENTS, type EventAgent, type Verdict } from '../../../../supervisor/contract/validating.js';
import { BEFORE_TOOL, eventOf, opinion, opinions } from './samples.js';

/** Event, verdicts, stdout to the byte. */
type Row = [event: string, verdicts: Verdict[], stdout: string];
/** Event, verdicts, stderr of an exit 2 to the byte, and its stdout. */
type Refusal = [event: string, verdicts: Verdict[], stderr: string, stdout?: string];

const NO: Verdict = { decision: 'deny', reason: 'no' };
const ASK: Verdict = { decision: 'ask', reason: 'sure?' };
const DEFER: Verdict = { decision: 'defer', reason: 'later' };
const ALLOW: Verdict = { decision: 'allow', reason: 'fine' };
const NOTE: Verdict = { context: 'note' };
const REWRITE: Verdict = { updatedInput: { command: 'ls', description: 'run' } };

function told(agent: EventAgent, name: string, verdicts: readonly Verdict[]) {
  const event = eventOf(agent, name);
  const { exitCode, stdout, stderr, lost } = render(event, merge(event, opinions(...verdicts)));
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString(), lost };
}

function says(agent: EventAgent, rows: readonly Row[]): void {
  test.each(rows)(`${agent}, %s, %j`, (name, verdicts, stdout) => {
    expect(told(agent, name, verdicts)).toMatchObject({ exitCode: 0, stdout, stderr: '' });
  });
}

function refuses(agent: EventAgent, rows: readonly Refusal[]): void {
  test.each(rows)(`${agent} by exit 2, %s, %j`, (name, verdicts, stderr, stdout = '') => {
    expect(told(agent, name, verdicts)).toMatchObject({ exitCode: 2, stdout, stderr });
  });
}

const claude = (event: string, specific: string) => `{"hookSpecificOutput":{"hookEventName":"${event}",${specific}}}`;

says('claude', [
  ['PreToolUse', [NO], claude('PreToolUse', '"permissionDecision":"deny","permissionDecisionReason":"no"')],
  [
    'PreToolUse',
    [DEFER, ALLOW],
    claude('PreToolUse', '"permissionDecision":"defer","permissionDecisionReason":"later"'),
  ],
  ['PreToolUse', [ASK, ALLOW], claude('PreToolUse', '"permissionDecision":"ask","permissionDecisionReason":"sure?"')],
  ['PreToolUse', [ALLOW], claude('PreToolUse', '"permissionDecision":"allow","permissionDecisionReason":"fine"')],
  ['PreToolUse', [REWRITE], claude('PreToolUse', '"updatedInput":{"command":"ls","description":"run"}')],
  ['PreToolUse', [NOTE, { context: 'é\n"2"' }], claude('PreToolUse', '"additionalContext":"note\\n\\né\\n\\"2\\""')],
  [
    'PreToolUse',
    [NO, REWRITE, NOTE],
    claude('PreToolUse', '"additionalContext":"note","permissionDecision":"deny","permissionDecisionReason":"no"'),
  ],
  ['PermissionRequest', [NO], claude('PermissionRequest', '"decision":{"behavior":"deny","message":"no"}')],
  ['PermissionRequest', [ALLOW], claude('PermissionRequest', '"decision":{"behavior":"allow"}')],
  [
    'PermissionRequest',
    [ALLOW, REWRITE],
    claude('PermissionRequest', '"decision":{"behavior":"allow","updatedInput":{"command":"ls","description":"run"}}'),
  ],
  ['PermissionRequest', [ASK], '{"systemMessage":"sure?"}'],
  [
    'PostToolUse',
    [NO, NOTE],
    '{"decision":"block","reason":"no","hookSpecificOutput":{"hookEventName":"PostToolUse","additionalContext":"note"}}',
  ],
  ['Stop', [NO], '{"decision":"block","reason":"no"}'],
  [
    'Stop',
    [ASK],
    '{"decision":"block","reason":"sure?\\n(Claude Code has no \\"ask\\" on Stop: taken as \\"deny\\")"}',
  ],
  ['Stop', [ALLOW], ''],
  ['UserPromptSubmit', [NOTE], claude('UserPromptSubmit', '"additionalContext":"note"')],
  ['SessionStart', [NOTE], claude('SessionStart', '"additionalContext":"note"')],
  ['SessionStart', [NO], '{"systemMessage":"no"}'],
  [
    'PreModelSwitch',
    [DEFER],
    claude(
      'PreModelSwitch',
      '"permissionDecision":"deny","permissionDecisionReason":"later\\n(Claude Code has no \\"defer\\" on PreModelSwitch: taken as \\"deny\\")"',
    ),
  ],
  ['Elicitation', [NO], claude('Elicitation', '"action":"decline"')],
  ['Notification', [NO, NOTE], ''],
]);

refuses('claude', [
  ['TaskCompleted', [NO], 'no\n'],
  ['WorktreeCreate', [NO], 'no\n'],
  ['EventOfLater', [NO], 'no\n'],
  ['EventOfLater', [ASK], 'sure?\n(Claude Code has no "ask" on EventOfLater: taken as "deny")\n'],
]);

const gemini = (event: string, specific: string) => `"hookSpecificOutput":{"hookEventName":"${event}",${specific}}`;

says('gemini', [
  ['BeforeTool', [NO], '{"decision":"deny","reason":"no"}'],
  ['BeforeTool', [ALLOW], '{"decision":"allow","reason":"fine"}'],
  [
    'BeforeTool',
    [ASK],
    '{"decision":"deny","reason":"sure?\\n(Gemini CLI has no \\"ask\\" on BeforeTool: taken as \\"deny\\")"}',
  ],
  ['BeforeTool', [REWRITE], `{${gemini('BeforeTool', '"tool_input":{"command":"ls","description":"run"}')}}`],
  [
    'BeforeTool',
    [{ updatedInput: { command: 'ls' } }],
    '{"decision":"deny","reason":"its input must be rewritten, which Gemini CLI cannot do here; use this one: {\\"command\\":\\"ls\\"}"}',
  ],
  ['AfterTool', [NO, NOTE], `{"decision":"deny","reason":"no",${gemini('AfterTool', '"additionalContext":"note"')}}`],
  ['BeforeAgent', [NOTE], `{${gemini('BeforeAgent', '"additionalContext":"note"')}}`],
  ['AfterAgent', [NO], '{"decision":"deny","reason":"no"}'],
  ['SessionStart', [NO], '{"systemMessage":"no"}'],
  ['BeforeToolSelection', [NO], ''],
]);

says('codex', [
  ['PreToolUse', [ALLOW], ''],
  ['PreToolUse', [NOTE], claude('PreToolUse', '"additionalContext":"note"')],
  [
    'PreToolUse',
    [{ updatedInput: { command: 'ls' } }],
    claude('PreToolUse', '"permissionDecision":"allow","updatedInput":{"command":"ls"}'),
  ],
  ['PermissionRequest', [ALLOW], claude('PermissionRequest', '"decision":{"behavior":"allow"}')],
  ['PermissionRequest', [ASK], '{"systemMessage":"sure?"}'],
  ['SessionStart', [NOTE], claude('SessionStart', '"additionalContext":"note"')],
  ['PreCompact', [NO], '{"continue":false,"stopReason":"no"}'],
  ['SessionEnd', [NO], ''],
]);

refuses('codex', [
  ['PreToolUse', [NO], 'no\n'],
  ['PreToolUse', [ASK], 'sure?\n(Codex CLI has no "ask" on PreToolUse: taken as "deny")\n'],
  ['PreToolUse', [NO, NOTE], 'no\n\nnote\n'],
  ['PermissionRequest', [NO], 'no\n'],
  [
    'PermissionRequest',
    [ALLOW, { updatedInput: { command: 'ls' } }],
    'fine\nits input must be rewritten, which Codex CLI cannot do here; use this one: {"command":"ls"}\n',
  ],
  ['PostToolUse', [NO], 'no\n'],
  ['Stop', [NO], 'no\n'],
  ['EventOfLater', [NO], 'no\n'],
]);

says('cursor', [
  ['preToolUse', [NO], '{"permission":"deny","user_message":"no","agent_message":"no"}'],
  [
    'preToolUse',
    [ASK],
    '{"permission":"deny","user_message":"sure?\\n(Cursor has no \\"ask\\" on preToolUse: taken as \\"deny\\")","agent_message":"sure?\\n(Cursor has no \\"ask\\" on preToolUse: taken as \\"deny\\")"}',
  ],
  ['preToolUse', [ALLOW], '{"permission":"allow"}'],
  ['preToolUse', [ALLOW, REWRITE], '{"permission":"allow","updated_input":{"command":"ls","description":"run"}}'],
  ['beforeShellExecution', [ASK], '{"permission":"ask","user_message":"sure?","agent_message":"sure?"}'],
  ['beforeReadFile', [NO], '{"permission":"deny","user_message":"no","agent_message":"no"}'],
  ['beforeSubmitPrompt', [NO], '{"continue":false,"user_message":"no"}'],
  ['beforeSubmitPrompt', [ALLOW, NOTE], ''],
  ['stop', [NO], '{"followup_message":"no"}'],
  ['postToolUse', [NOTE], '{"additional_context":"note"}'],
  ['afterFileEdit', [NO], ''],
  ['preCompact', [NO], '{"user_message":"no"}'],
]);

refuses('cursor', [['eventOfLater', [NO], 'no\n']]);

says('copilot', [
  ['preToolUse', [NO], '{"permissionDecision":"deny","permissionDecisionReason":"no"}'],
  [
    'preToolUse',
    [ASK, NOTE],
    '{"permissionDecision":"ask","permissionDecisionReason":"sure?","additionalContext":"note"}',
  ],
  ['preToolUse', [REWRITE], '{"modifiedArgs":{"command":"ls","description":"run"}}'],
  ['PreToolUse', [NO], '{"permissionDecision":"deny","permissionDecisionReason":"no"}'],
  ['permissionRequest', [NO], '{"behavior":"deny","message":"no"}'],
  ['permissionRequest', [ALLOW], '{"behavior":"allow"}'],
  [
    'permissionRequest',
    [ASK],
    '{"behavior":"deny","message":"sure?\\n(GitHub Copilot CLI has no \\"ask\\" on permissionRequest: taken as \\"deny\\")"}',
  ],
  ['agentStop', [NO], '{"decision":"block","reason":"no"}'],
  ['Stop', [NO], '{"decision":"block","reason":"no"}'],
  ['postToolUse', [NOTE], '{"additionalContext":"note"}'],
  ['userPromptSubmitted', [NO], ''],
]);

refuses('copilot', [
  ['postToolUseFailure', [NOTE], 'note\n', 'note\n'],
  ['eventOfLater', [NO], 'no\n'],
]);

describe.each(EVENT_AGENTS)('%s', (agent) => {
  const name = eventOf(agent, String(BEFORE_TOOL[agent].hook_event_name ?? 'preToolUse')).name;

  test('nothing to say is silence, which approves nothing', () => {
    expect(told(agent, name, [{}, {}])).toEqual({ exitCode: 0, stdout: '', stderr: '', lost: [] });
    expect(told(agent, 'EventOfLater', [])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('a rewrite that nobody allowed never becomes an approval', () => {
    const { stdout, exitCode } = told(agent, name, [REWRITE]);
    // Of Codex it approves nothing.
    if (agent !== 'codex') expect(stdout).not.toMatch(/"(permission|permissionDecision|behavior|decision)":"allow"/);
    expect(exitCode).toBe(0);
  });
});

describe('what cannot be told is given back', () => {
  test.each([
    ['claude', 'SessionStart', NO, ['a deny has no effect on SessionStart']],
    ['claude', 'PostToolUse', REWRITE, ['there is no input to rewrite on PostToolUse']],
    ['claude', 'PreCompact', NOTE, ['context does not reach the model on PreCompact']],
    ['gemini', 'BeforeTool', NOTE, ['context does not reach the model on BeforeTool']],
    [
      'cursor',
      'afterFileEdit',
      NO,
      ['a deny has no effect on afterFileEdit', 'no message reaches the user on afterFileEdit'],
    ],
    ['copilot', 'preToolUse', ALLOW, []],
  ] as const)('%s, %s, %j', (agent, name, verdict, lost) => {
    expect(told(agent, name, [verdict]).lost).toEqual(lost);
  });
});

test.each([
  ['claude', 'PermissionRequest', /"behavior":"deny","message":"its input must be rewritten/],
  ['cursor', 'preToolUse', /"permission":"deny","user_message":"its input must be rewritten/],
  ['cursor', 'beforeShellExecution', /"permission":"deny"/],
  ['copilot', 'permissionRequest', /"behavior":"deny"/],
] as const)('%s, %s: a rewrite that only an approval could carry denies', (agent, name, expected) => {
  expect(told(agent, name, [REWRITE]).stdout).toMatch(expected);
});

test('a conflict of rewrites is told to the user where there is a way, else to the model', () => {
  const two = ['a', 'b'].map((command): Verdict => ({ updatedInput: { command, description: 'run' } }));
  const text = 'v0 and v1 rewrite \\"command\\" differently; v1 is declared later and wins';
  expect(told('claude', 'PreToolUse', two).stdout).toContain(`"systemMessage":"${text}"`);
  expect(told('copilot', 'preToolUse', two).stdout).toContain(`"additionalContext":"${text}`);
});

test('what only hooks say goes through: the end of the turn, messages, fields of the event', () => {
  const event = eventOf('claude', 'PreToolUse');
  const others = { top: { suppressOutput: true }, specific: { classifierContext: 'c' } };
  const verdict = { ...NO, stops: 'enough', userMessage: 'hm', others };
  const { stdout } = render(event, merge(event, [opinion('h', 0, { kind: 'answered', verdict })]));
  expect(JSON.parse(stdout.toString())).toEqual({
    suppressOutput: true,
    continue: false,
    stopReason: 'enough',
    systemMessage: 'hm',
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      classifierContext: 'c',
      permissionDecision: 'deny',
      permissionDecisionReason: 'no',
    },
  });
});

test('Claude Code: beside a refusal by exit 2 the user is told as well', () => {
  const event = eventOf('claude', 'TaskCompleted');
  const verdict = { ...NO, userMessage: 'hm' };
  const { exitCode, stdout, stderr } = render(event, merge(event, [opinion('h', 0, { kind: 'answered', verdict })]));
  expect([exitCode, stdout.toString(), stderr.toString()]).toEqual([2, '{"systemMessage":"hm"}', 'no\n']);
});

test('Codex CLI ends the turn by JSON alone, also beside a deny', () => {
  const event = eventOf('codex', 'PostToolUse');
  const verdict = { ...NO, stops: 'enough' };
  const { exitCode, stdout } = render(event, merge(event, [opinion('h', 0, { kind: 'answered', verdict })]));
  const said = '{"continue":false,"stopReason":"enough","decision":"block","reason":"no"}';
  expect([exitCode, stdout.toString()]).toEqual([0, said]);
});
