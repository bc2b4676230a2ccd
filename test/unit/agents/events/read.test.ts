import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { merge } from '../../../../supervisor/agents/events/merge.js';
import { render } from '../../../../supervisor/agents/events/render.js';
import { abilitiesAt, readHook } from '../../../../supervisor/agents/events/rules.js';
import type { Outcome, Saying } from '../../../../supervisor/agents/events/verdicts.js';
import { DECISIONS, type EventAgent, type Verdict } from '../../../../supervisor/contract/validating.js';
import { end, eventOf, opinions } from './samples.js';

type Row = [exitCode: number | null, stdout: unknown, stderr: string, said: Saying | 'fails'];

const hso = (hookEventName: string, more: object) => ({ hookSpecificOutput: { hookEventName, ...more } });
const deny = (reason: string): Saying => ({ decision: 'deny', reason });

/** Without the fields that are only passed on. */
function heard(outcome: Outcome): Saying | 'fails' {
  if (outcome.kind !== 'answered') return 'fails';
  const { others: _, ...said } = outcome.verdict;
  return said;
}

function passedOn(outcome: Outcome) {
  return {
    said: heard(outcome),
    others: { top: {}, specific: {}, ...(outcome.kind === 'answered' && outcome.verdict.others) },
  };
}

function reads(agent: EventAgent, name: string, rows: readonly Row[]): void {
  test.each(rows)(`${agent}, ${name}: exit %s, %j, "%s"`, (exitCode, stdout, stderr, said) => {
    const event = eventOf(agent, name);
    const outcome = readHook(event, end(exitCode, stdout, stderr));
    expect(heard(outcome)).toEqual(said);
    // Alone, it comes out of the merge as it went in, with all its fields.
    const merged = merge(event, [{ name: 'h', order: 0, outcome, onFailure: 'continue' }]);
    if (outcome.kind === 'answered')
      expect(passedOn(readHook(event, render(event, merged)))).toEqual(passedOn(outcome));
  });
}

reads('claude', 'PreToolUse', [
  [0, '', 'noise', {}],
  [0, 'text', '', {}],
  [0, '{broken', '', {}],
  [0, '[1]', '', {}],
  [2, '', 'no', deny('no')],
  [2, '', '', deny('No stderr output')],
  [2, hso('PreToolUse', { permissionDecision: 'allow', updatedInput: {} }), 'no', deny('no')],
  [2, hso('PreToolUse', { permissionDecision: 'deny', permissionDecisionReason: 'json' }), 'err', deny('json')],
  [0, hso('PreToolUse', { permissionDecision: 'ask', additionalContext: 'c' }), '', { decision: 'ask', context: 'c' }],
  [1, hso('PreToolUse', { permissionDecision: 'deny', permissionDecisionReason: 'r' }), '', deny('r')],
  [0, hso('PreToolUse', { updatedInput: { a: 1 } }), '', { updatedInput: { a: 1 } }],
  [0, { decision: 'approve', reason: 'r' }, '', { decision: 'allow', reason: 'r' }],
  [0, { decision: 'block', reason: 'r' }, '', deny('r')],
  [0, { suppressOutput: true, ...hso('PreToolUse', { classifierContext: 'c' }) }, '', {}],
  [0, { continue: false, stopReason: 'enough', systemMessage: 'm' }, '', { stops: 'enough', userMessage: 'm' }],
  [0, hso('PostToolUse', { permissionDecision: 'deny' }), '', 'fails'],
  [0, hso('PreToolUse', { permissionDecision: 'never' }), '', 'fails'],
  [0, { decision: 'deny' }, '', 'fails'],
  [2, hso('PreToolUse', { permissionDecision: 7 }), 'no', deny('no')],
  [2, hso('PostToolUse', { permissionDecision: 'deny', permissionDecisionReason: 'x' }), 'no', deny('no')],
  [1, '', 'boom', 'fails'],
  [127, '', 'not found', 'fails'],
  [null, '', '', 'fails'],
]);

reads('claude', 'UserPromptSubmit', [
  [0, 'text\n', '', { context: 'text' }],
  [0, '{broken', '', { context: '{broken' }],
  [2, '', 'no', deny('no')],
  [0, hso('UserPromptSubmit', { permissionDecision: 'deny' }), '', {}],
]);

reads('claude', 'PermissionRequest', [
  [2, '', 'no', {}],
  [0, hso('PermissionRequest', { decision: { behavior: 'deny', message: 'm' } }), '', deny('m')],
  [
    0,
    hso('PermissionRequest', { decision: { behavior: 'allow', updatedInput: { a: 1 } } }),
    '',
    { decision: 'allow', updatedInput: { a: 1 } },
  ],
]);

reads('claude', 'SessionStart', [[2, '', 'hm', { userMessage: 'hm' }]]);
reads('claude', 'Elicitation', [
  [0, hso('Elicitation', { action: 'cancel' }), '', deny('cancel')],
  [0, hso('Elicitation', { action: 'accept', content: {} }), '', {}],
]);
reads('claude', 'EventOfLater', [[2, '', 'no', deny('no')]]);

test('claude, WorktreeCreate: the path in the last line goes through, any status but 0 refuses', () => {
  const event = eventOf('claude', 'WorktreeCreate');
  const outcome = readHook(event, end(0, 'making it\n/tmp/tree\n'));
  const merged = merge(event, [{ name: 'h', order: 0, outcome, onFailure: 'continue' }]);
  expect(render(event, merged).stdout.toString()).toBe('/tmp/tree\n');
  expect(heard(readHook(event, end(1, '', 'full')))).toEqual(deny('full'));
});

reads('gemini', 'BeforeTool', [
  [0, '', '', {}],
  [0, { decision: 'block', reason: 'r' }, '', deny('r')],
  [0, { decision: 'allow' }, '', { decision: 'allow' }],
  [0, 'text', '', { userMessage: 'text' }],
  [
    0,
    hso('BeforeTool', { tool_input: { a: 1 }, permissionDecision: 'deny' }),
    '',
    { updatedInput: { command: 'echo hi', description: 'run', a: 1 } },
  ],
  // As it was measured: JSON decides with any status, without a text no status refuses, and more statuses than 2 do.
  [2, {}, 'no', {}],
  [2, '', 'no', deny('no')],
  [2, '', '', 'fails'],
  [3, '', 'no', deny('no')],
  [127, '', 'not found', deny('not found')],
  [1, '', 'warning', 'fails'],
  [null, '', '', {}],
]);

reads('codex', 'PreToolUse', [
  [0, '', '', {}],
  [0, 'text', '', {}],
  [0, '{broken', '', 'fails'],
  [2, {}, 'no', deny('no')],
  [2, '', '', 'fails'],
  [3, '', 'no', 'fails'],
  [0, hso('PreToolUse', { permissionDecision: 'deny', permissionDecisionReason: 'r' }), '', deny('r')],
  [0, hso('PreToolUse', { permissionDecision: 'deny' }), '', 'fails'],
  [0, hso('PreToolUse', { permissionDecision: 'allow' }), '', 'fails'],
  [0, hso('PreToolUse', { permissionDecision: 'ask' }), '', 'fails'],
  [0, hso('PreToolUse', { permissionDecision: 'allow', updatedInput: { a: 1 } }), '', { updatedInput: { a: 1 } }],
  [0, { decision: 'block', reason: 'r' }, '', deny('r')],
  [0, { decision: 'block', reason: 'r', more: 1 }, '', 'fails'],
  [0, { continue: false }, '', 'fails'],
]);
reads('codex', 'SessionStart', [
  [0, 'text', '', { context: 'text' }],
  [2, '', 'no', 'fails'],
]);
reads('codex', 'Stop', [
  [0, 'text', '', 'fails'],
  [0, { decision: 'block', reason: 'r' }, '', deny('r')],
  [0, hso('Stop', {}), '', 'fails'],
]);
reads('codex', 'PermissionRequest', [
  [0, hso('PermissionRequest', { decision: { behavior: 'allow' } }), '', { decision: 'allow' }],
  [0, hso('PermissionRequest', { decision: { behavior: 'allow', updatedInput: {} } }), '', 'fails'],
  [0, hso('PermissionRequest', { decision: { behavior: 'deny', interrupt: true } }), '', 'fails'],
  [2, '', 'no', deny('no')],
]);

reads('cursor', 'beforeShellExecution', [
  [0, { permission: 'ask', user_message: 'u', agent_message: 'a' }, '', { decision: 'ask', reason: 'a' }],
  [0, { permission: 'maybe' }, '', 'fails'],
  [0, 'text', '', 'fails'],
  [2, '', 'no', deny('no')],
  [1, '', '', 'fails'],
]);
reads('cursor', 'beforeSubmitPrompt', [[0, { continue: false, user_message: 'u' }, '', deny('u')]]);
reads('cursor', 'preCompact', [[0, { user_message: 'u', agent_message: 'a' }, '', { userMessage: 'u' }]]);
reads('cursor', 'stop', [[0, { followup_message: 'go on' }, '', deny('go on')]]);

reads('copilot', 'preToolUse', [
  [0, { permissionDecision: 'deny', permissionDecisionReason: 'r' }, '', deny('r')],
  [0, `{"type":"progress","message":"m"}\n{"permissionDecision":"ask"}`, '', { decision: 'ask' }],
  [0, '{"permissionDecision":"deny"}{}', '', {}],
  [1, { permissionDecision: 'allow' }, '', deny('the hook refuses by its exit status')],
  [2, '', 'no', deny('no')],
  [null, '', '', deny('the hook refuses by its exit status')],
]);
reads('copilot', 'permissionRequest', [
  [0, { behavior: 'allow' }, '', { decision: 'allow' }],
  [2, { message: 'm' }, '', deny('the hook refuses by its exit status')],
  [1, '', '', 'fails'],
]);
reads('copilot', 'postToolUseFailure', [[2, 'try again', '', { context: 'try again' }]]);
reads('copilot', 'agentStop', [[0, { decision: 'block', reason: 'r' }, '', deny('r')]]);

const EVENTS: readonly (readonly [EventAgent, string])[] = [
  ...['PreToolUse', 'PermissionRequest', 'PostToolUse', 'UserPromptSubmit', 'Stop', 'PreModelSwitch'].map(
    (name) => ['claude', name] as const,
  ),
  ...['Elicitation', 'TaskCompleted', 'SessionStart', 'PreCompact', 'EventOfLater'].map(
    (name) => ['claude', name] as const,
  ),
  ...['BeforeTool', 'AfterTool', 'BeforeAgent', 'AfterAgent', 'SessionStart'].map((name) => ['gemini', name] as const),
  ...['PreToolUse', 'PermissionRequest', 'PostToolUse', 'UserPromptSubmit', 'Stop', 'PreCompact'].map(
    (name) => ['codex', name] as const,
  ),
  ...['preToolUse', 'beforeShellExecution', 'beforeSubmitPrompt', 'stop', 'postToolUse'].map(
    (name) => ['cursor', name] as const,
  ),
  ...['preToolUse', 'permissionRequest', 'agentStop', 'postToolUse'].map((name) => ['copilot', name] as const),
];

const anyVerdict: fc.Arbitrary<Verdict> = fc.record(
  {
    decision: fc.constantFrom(...DECISIONS),
    reason: fc.constantFrom('r', 'é "q"\nline'),
    context: fc.constantFrom('c', '{"decision":"allow"}'),
    updatedInput: fc.constant({ command: 'ls', description: 'run', working_directory: '/' }),
  },
  { requiredKeys: [] },
);
const STRICTNESS = [undefined, ...[...DECISIONS].reverse()];

describe.each(EVENTS)('what %s is told on %s it reads as', (agent, name) => {
  const event = eventOf(agent, name);
  const can = abilitiesAt(event);
  const heardBack = (verdicts: readonly Verdict[]) => {
    const merged = merge(event, opinions(...verdicts));
    const back = readHook(event, render(event, merged));
    if (back.kind !== 'answered') throw new Error(JSON.stringify(back));
    return { merged, said: back.verdict };
  };

  test('the same decision, or a stricter one where it has not got it; never an approval that nobody gave', () => {
    fc.assert(
      fc.property(fc.array(anyVerdict, { maxLength: 3 }), (verdicts) => {
        const { merged, said } = heardBack(verdicts);
        if (said.decision === 'allow') expect(merged.decision).toBe('allow');
        if (merged.decision === undefined || merged.decision === 'allow') return;
        if (merged.decision === 'ask' && can.silenceAsks && said.decision === undefined) return;
        if (can.decisions.length === 0) expect(said.decision).toBeUndefined();
        else expect(STRICTNESS.indexOf(said.decision)).toBeGreaterThanOrEqual(STRICTNESS.indexOf(merged.decision));
        if (can.decisions.includes(merged.decision) && merged.updatedInput === undefined) {
          expect(said.decision).toBe(merged.decision);
        }
      }),
    );
  });

  test('the same reason of a deny, context and input, where it takes them', () => {
    fc.assert(
      fc.property(fc.array(anyVerdict, { maxLength: 3 }), (verdicts) => {
        const { merged, said } = heardBack(verdicts);
        const words = [said.reason, said.context].join('\n');
        if (merged.decision === 'deny' && can.decisions.includes('deny') && name !== 'Elicitation') {
          expect(words).toContain(merged.reason);
        }
        if (can.hasContext) expect(merged.contexts.filter((context) => !words.includes(context))).toEqual([]);
        if (said.updatedInput !== undefined) expect(said.updatedInput).toEqual(merged.updatedInput);
        if (can.rewrite === 'whole' && said.decision !== 'deny') expect(said.updatedInput).toEqual(merged.updatedInput);
      }),
    );
  });
});
