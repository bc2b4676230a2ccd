import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentEvent } from '../../../workers/validators/api/validator.mjs';
import { History, type Result } from '../../../workers/validators/builtin/drift/history.mjs';
import { drift } from '../../../workers/validators/builtin/drift.mjs';
import { contextOf, toolEvent } from './events.js';

/** A stream of one worker. */
function stream(settings: Record<string, unknown> = {}) {
  const analyser = drift(new History());
  return async (event: AgentEvent) => (await analyser.validate(event, contextOf(settings)))?.context;
}

const done = (tool: string, input: Record<string, unknown>, more: Partial<AgentEvent> = {}) =>
  toolEvent(tool, input, { name: 'PostToolUse', raw: {}, ...more });
const ran = (command: string, raw: Record<string, unknown> = {}, more: Partial<AgentEvent> = {}) =>
  done('Bash', { command }, { raw, ...more });
const failed = (command: string) => ran(command, {}, { name: 'PostToolUseFailure' });
const edited = (path: string, from: string, to: string, more: Partial<AgentEvent> = {}) =>
  done('Edit', { file_path: path, old_string: from, new_string: to }, more);

describe('sequential drift', () => {
  test('a command that fails for the third time in a row is told, and again at the sixth', async () => {
    const tell = stream();
    const told = [];
    for (let count = 1; count <= 6; count += 1) told.push(await tell(failed('npm test')));
    expect(told.map((one) => one !== undefined)).toEqual([false, false, true, false, false, true]);
    expect(told[2]).toBe(
      '`npm test` has failed 3 times in a row in this session, the last time with no file edited since the time before. ' +
        'Something else should be tried, or the user asked.',
    );
  });

  test('an edit in between is seen, a success begins anew, another command does not count', async () => {
    const tell = stream();
    await tell(failed('npm test'));
    await tell(failed('npm test'));
    await tell(edited('/a', '1', '2'));
    expect(await tell(failed('npm test'))).toBe(
      '`npm test` has failed 3 times in a row in this session. Something else should be tried, or the user asked.',
    );
    await tell(ran('npm test'));
    await tell(failed('npm test'));
    await tell(failed('npm run lint'));
    expect(await tell(failed('npm test'))).toBeUndefined();
    expect(await tell(failed('npm test'))).toContain('3 times');
  });

  test.each([
    ['PostToolUse', { tool_response: { is_error: true } }],
    ['PostToolUse', { tool_response: { exit_code: 2 } }],
    ['AfterTool', { tool_response: { error: { message: 'no' } } }],
    ['postToolUseFailure', {}],
  ])('what %s with %j says is a failure', async (name, raw) => {
    const tell = stream({ repeatsMin: 1 });
    expect(await tell(ran('x', raw, { name }))).toContain('has failed 1 times');
  });

  test('the same edit for the third time is told; the same path alone is not', async () => {
    const tell = stream();
    for (const [from, to] of [
      ['1', '2'],
      ['2', '1'],
      ['1', '2'],
      ['2', '3'],
    ] as const) {
      expect(await tell(edited('/a', from, to))).toBeUndefined();
    }
    expect(await tell(edited('/a', '1', '2'))).toBe(
      'The same edit of /a has been made 3 times in this session: something undoes it.',
    );
  });

  test('sessions do not count together', async () => {
    const tell = stream({ repeatsMin: 2 });
    await tell(failed('x'));
    expect(await tell({ ...failed('x'), sessionId: 's2' })).toBeUndefined();
  });
});

describe('coordination drift', () => {
  const by = (agentId: string) => ({ raw: { agent_id: agentId } });

  test('an edit of a file that another agent of the session has just edited is told', async () => {
    const tell = stream();
    await tell(edited('/a', '1', '2', by('helper-1')));
    expect(await tell(edited('/b', '1', '2'))).toBeUndefined();
    expect(await tell(edited('/a', '3', '4'))).toBe(
      '/a was edited by the agent helper-1 2 tool calls before this edit. Read it again before it is edited further.',
    );
    expect(await tell(edited('/a', '4', '5'))).toBeUndefined();
  });

  test('of another session too, and a file that is written whole is told as such', async () => {
    const tell = stream();
    await tell(edited('/a', '1', '2', { sessionId: 's2' }));
    expect(await tell(done('Write', { file_path: '/a', content: 'x' }))).toBe(
      '/a was edited by another session (s2) 1 tool call before this edit. It was written whole: what the other had changed may be gone.',
    );
  });

  test('what lies further back than settings say is not', async () => {
    const tell = stream({ eventsBack: 2 });
    await tell(edited('/a', '1', '2', by('x')));
    await tell(ran('ls'));
    await tell(ran('ls'));
    expect(await tell(edited('/a', '2', '3'))).toBeUndefined();
  });
});

describe('resource drift', () => {
  const took = (duration_ms: number, output = '') =>
    ran('npm test', { duration_ms, tool_response: { stdout: output } });

  test('a command that takes three times as long as usual is told, once three are known', async () => {
    const tell = stream();
    expect(await tell(took(2_000))).toBeUndefined();
    expect(await tell(took(60_000))).toBeUndefined();
    expect(await tell(took(2_000))).toBeUndefined();
    expect(await tell(took(5_900))).toBeUndefined();
    expect(await tell(took(17_000))).toBeUndefined();
    expect(await tell(took(30_000))).toBe('`npm test` took 30.0 s, usually 5.9 s in this session.');
  });

  test('what is short anyway is not', async () => {
    const tell = stream();
    for (const ms of [10, 10, 10]) await tell(took(ms));
    expect(await tell(took(4_000))).toBeUndefined();
  });

  test('output that grows is told in characters', async () => {
    const tell = stream();
    for (let count = 0; count < 3; count += 1) await tell(took(1, 'x'.repeat(1_000)));
    expect(await tell(took(1, 'x'.repeat(30_000)))).toBe(
      '`npm test` gave 30000 characters, usually 1000 in this session; less of it would leave more room.',
    );
  });
});

describe('drift', () => {
  test('each analyser can be switched off, and settings that are wrong are a failure with words', async () => {
    const tell = stream({ sequential: false, repeatsMin: 1 });
    expect(await tell(failed('x'))).toBeUndefined();
    await expect(stream({ sequence: false })(failed('x'))).rejects.toThrow('no key sequence');
  });

  test('events that are no results are nothing to it', async () => {
    const history = new History();
    expect(await drift(history).validate(toolEvent('Bash', { command: 'x' }), contextOf())).toBeUndefined();
    expect(history.sequence).toBe(0);
  });

  test('neither text of a file nor of an answer is kept', async () => {
    const history = new History();
    await drift(history).validate(
      edited('/a', 'the old text', 'the new text', { raw: { tool_response: { x: 'the answer' } } }),
      contextOf(),
    );
    expect(JSON.stringify(history.of('s1'))).not.toMatch(/the (old|new|answer)/);
  });
});

describe('history', () => {
  const result = (sessionId: string, label: string): Result => ({
    sessionId,
    label,
    agentId: 'main',
    key: label,
    isFailed: false,
    edits: [],
    durationMs: null,
    outputCharacters: 0,
  });

  test('keeps its bounds in sessions, results and bytes, whatever comes, and always the newest', () => {
    const bounds = { sessionsMax: 3, resultsMax: 4, bytesMax: 3_000 };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.string({ maxLength: 80 })), { minLength: 30 }),
        (events) => {
          const history = new History(bounds);
          for (const [session, label] of events) {
            history.add(result(String(session), label));
            const all = [...history.of(String(session)), ...history.ofOthers(String(session))];
            expect(history.of(String(session)).at(-1)?.label).toBe(label);
            expect(history.sessionCount).toBeLessThanOrEqual(bounds.sessionsMax);
            expect(history.of(String(session)).length).toBeLessThanOrEqual(bounds.resultsMax);
            expect(history.bytes).toBeLessThanOrEqual(bounds.bytesMax);
            expect(history.bytes).toBe(all.reduce((sum, one) => sum + 400 + 2 * one.label.length, 0));
          }
        },
      ),
    );
  });

  test('the session that was not heard of longest goes first', () => {
    const history = new History({ sessionsMax: 2, resultsMax: 9, bytesMax: 1_000_000 });
    for (const session of ['a', 'b', 'a', 'c']) history.add(result(session, 'x'));
    expect([history.of('a').length, history.of('b').length, history.of('c').length]).toEqual([2, 0, 1]);
  });
});
