import { describe, expect, test } from 'vitest';
import { answerOf, failureAnswer, type HttpAnswer } from '../../../supervisor/agents/http/answer.js';
import { whyNotByHttp } from '../../../supervisor/agents/http/events.js';

function answer(event: string, exitCode: number, stdout = '', stderr = '', blocksOnFailure = false): HttpAnswer {
  const end = { exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
  return answerOf(event, end, blocksOnFailure);
}

function said({ status, body }: HttpAnswer): unknown {
  expect(status).toBe(200);
  return body.length === 0 ? undefined : JSON.parse(body.toString());
}

const DENY = { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny' } };

describe('exit 0', () => {
  test('a JSON object is the body, to the byte', () => {
    const text = ' {"decision": "block",\n "reason":"é"}\n';
    expect(answer('PostToolUse', 0, text)).toEqual({ status: 200, body: Buffer.from(text) });
  });

  test('nothing said -> an empty body', () => {
    expect(answer('PreToolUse', 0, '', 'noise')).toEqual({ status: 200, body: Buffer.alloc(0) });
  });

  test.each(['UserPromptSubmit', 'UserPromptExpansion', 'PostModelSwitch'])('text is context on %s', (event) => {
    const hookSpecificOutput = { hookEventName: event, additionalContext: 'line "1"\nline 2' };
    expect(said(answer(event, 0, 'line "1"\nline 2\n'))).toEqual({ hookSpecificOutput });
    expect(said(answer(event, 0, '{broken'))).toMatchObject({ hookSpecificOutput: { additionalContext: '{broken' } });
  });

  test.each(['PreToolUse', 'PostToolUse', 'Stop', 'Notification'])('text is nothing on %s', (event) => {
    expect(said(answer(event, 0, 'all fine\n'))).toBeUndefined();
    expect(said(answer(event, 0, '[1, 2]'))).toBeUndefined();
    expect(said(answer(event, 0, '{broken'))).toBeUndefined();
  });

  test('broken JSON is a failure where onFailure blocks', () => {
    expect(said(answer('PreToolUse', 0, '{broken', '', true))).toMatchObject(DENY);
    expect(answer('Stop', 0, '{broken', '', true).status).toBe(500);
    expect(said(answer('PreToolUse', 0, 'text', '', true))).toBeUndefined();
  });
});

describe('exit 2', () => {
  test('PreToolUse and PreModelSwitch: permission denied, stderr is the reason', () => {
    for (const event of ['PreToolUse', 'PreModelSwitch']) {
      expect(said(answer(event, 2, '', 'not here\n'))).toEqual({
        hookSpecificOutput: { hookEventName: event, permissionDecision: 'deny', permissionDecisionReason: 'not here' },
      });
    }
  });

  test.each([
    'UserPromptSubmit',
    'UserPromptExpansion',
    'PostToolUse',
    'PostToolUseFailure',
    'PostToolBatch',
    'SubagentStop',
    'TaskCreated',
    'Stop',
    'ConfigChange',
    'PreCompact',
  ])('%s: decision block', (event) => {
    expect(said(answer(event, 2, 'ignored text', 'no'))).toEqual({ decision: 'block', reason: 'no' });
  });

  test.each(['Elicitation', 'ElicitationResult'])('%s: declined, whatever its JSON says', (event) => {
    const accepting = JSON.stringify({ hookSpecificOutput: { hookEventName: event, action: 'accept', content: {} } });
    const hookSpecificOutput = { hookEventName: event, action: 'decline' };
    expect(said(answer(event, 2, accepting, 'no'))).toEqual({ hookSpecificOutput });
  });

  test.each(['SubagentStart', 'PostCompact', 'SessionEnd'])('%s: stderr for the user', (event) => {
    expect(said(answer(event, 2, '', 'hm'))).toEqual({ systemMessage: 'hm' });
    expect(said(answer(event, 2))).toBeUndefined();
  });

  test.each(['PermissionRequest', 'Notification', 'StopFailure'])('%s: only its JSON counts', (event) => {
    expect(said(answer(event, 2, '', 'no'))).toBeUndefined();
    expect(said(answer(event, 2, '{"systemMessage":"x"}', 'no'))).toEqual({ systemMessage: 'x' });
  });

  test('without a word it blocks all the same', () => {
    expect(said(answer('Stop', 2))).toEqual({ decision: 'block', reason: 'No stderr output' });
  });

  test('JSON that allows cannot undo it; its other fields count', () => {
    const allowing = { hookEventName: 'PreToolUse', permissionDecision: 'allow', additionalContext: 'a' };
    const stdout = JSON.stringify({ decision: 'approve', systemMessage: 's', hookSpecificOutput: allowing });
    expect(said(answer('PreToolUse', 2, stdout, 'no'))).toEqual({
      systemMessage: 's',
      hookSpecificOutput: { ...allowing, permissionDecision: 'deny', permissionDecisionReason: 'no' },
    });
  });

  test('the reason of JSON that blocks goes before stderr', () => {
    const denying = { hookEventName: 'PreToolUse', permissionDecision: 'deny', permissionDecisionReason: 'json' };
    const stdout = JSON.stringify({ hookSpecificOutput: denying });
    expect(said(answer('PreToolUse', 2, stdout, 'err'))).toMatchObject({
      hookSpecificOutput: { permissionDecisionReason: 'json' },
    });
    expect(said(answer('Stop', 2, '{"decision":"block","reason":"json"}', 'err'))).toMatchObject({ reason: 'json' });
  });

  test('an event of which nothing is known: an error, never an allow by 200', () => {
    expect(answer('TeammateIdle', 2, '', 'no')).toEqual({ status: 500, body: Buffer.from('exit status 2: no\n') });
  });
});

describe('any other exit status', () => {
  test('an error with the first line of stderr', () => {
    expect(answer('PreToolUse', 1, 'text', 'first\nsecond\n')).toEqual({
      status: 500,
      body: Buffer.from('exit status 1: first\n'),
    });
  });

  test('JSON counts nevertheless, but not where onFailure blocks', () => {
    const stdout = JSON.stringify({ hookSpecificOutput: { permissionDecision: 'allow' } });
    expect(answer('PreToolUse', 1, stdout)).toEqual({ status: 200, body: Buffer.from(stdout) });
    expect(said(answer('PreToolUse', 1, stdout, 'err', true))).toEqual({
      hookSpecificOutput: { ...DENY.hookSpecificOutput, permissionDecisionReason: 'exit status 1: err' },
    });
  });
});

describe('a failure of ours', () => {
  test('an error, which most agents go on after', () => {
    expect(failureAnswer('PreToolUse', 'too slow', false)).toEqual({ status: 500, body: Buffer.from('too slow\n') });
  });

  test('what exit 2 does, where onFailure blocks; PermissionRequest is denied', () => {
    expect(said(failureAnswer('PreToolUse', 'too slow', true))).toMatchObject(DENY);
    expect(said(failureAnswer('UserPromptSubmit', 'too slow', true))).toEqual({
      decision: 'block',
      reason: 'too slow',
    });
    expect(said(failureAnswer('PermissionRequest', 'too slow', true))).toEqual({
      hookSpecificOutput: { hookEventName: 'PermissionRequest', decision: { behavior: 'deny', message: 'too slow' } },
    });
  });

  test.each(['Stop', 'SubagentStop', 'TeammateIdle'])('%s does not know onFailure', (event) => {
    expect(failureAnswer(event, 'too slow', true).status).toBe(500);
  });
});

test('events that HTTP does not reach, or not with all that a hook can say, have a reason', () => {
  const not = ['SessionStart', 'Setup', 'CwdChanged', 'FileChanged', 'TaskCompleted', 'WorktreeCreate', 'NewEvent'];
  expect(not.filter((event) => whyNotByHttp(event) === undefined)).toEqual([]);
  expect(whyNotByHttp('PreToolUse')).toBeUndefined();
});
