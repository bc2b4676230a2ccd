/** Hooks that say by their first line that they are not to be waited for, as those of Claude Code can. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import {
  CLAUDE,
  CODEX,
  client,
  closed,
  declare,
  denies,
  ends,
  later,
  notes,
  resetScene,
  running,
  said,
  set,
  status,
  tell,
} from './event-hooks-scene.js';
import { settled } from './workers.js';

const ASYNC = '{"async":true,"asyncTimeout":15000}';
const context = (text: string) =>
  JSON.stringify({ hookSpecificOutput: { hookEventName: 'PreToolUse', additionalContext: text } });
const says = (at: number, text: string) => running[at]?.caller.stdout(Buffer.from(text));

beforeEach(() => {
  resetScene();
  set.hasValidator = false;
  declare({});
});

describe('one that is not to be waited for', () => {
  test('the event is answered without it, it runs on, and its context is for a later event', async () => {
    tell(CLAUDE);
    says(0, `${ASYNC}\n`);
    await settled();
    expect([said, closed]).toEqual([['answered 0 0 '], [9]]);
    expect([running[0]?.heard, status()[0]?.running]).toEqual([[], 1]);
    says(0, context('found'));
    ends(running[0], {});
    expect([later, said.length]).toEqual([['found'], 1]);
    expect(status()).toMatchObject([{ running: 0, asked: 1, denied: 0, failed: 0 }]);
  });

  test.each([
    ['in pieces', ['{"asy', 'nc":true}', '\n']],
    ['without the end of the line', ['{"async":true}']],
  ])('its line %s', async (_name, pieces) => {
    tell(CLAUDE);
    for (const piece of pieces) says(0, piece);
    await settled();
    expect(said).toEqual(['answered 0 0 ']);
  });

  test('what it decides then counts for nothing, and is noted', async () => {
    tell(CLAUDE);
    says(0, `${ASYNC}\n`);
    await settled();
    says(0, '{"systemMessage":"look","continue":false}');
    denies(running[0], 'no');
    expect(notes).toEqual(
      ['says deny, which decides nothing', 'would end the turn, which decides nothing', 'says to the user: look'].map(
        (what) => `PreToolUse: h0, which was not to be waited for, ${what}`,
      ),
    );
    expect([said, status()[0]?.denied]).toEqual([['answered 0 0 '], 0]);
  });

  test('that fails then: noted and counted', async () => {
    tell(CLAUDE);
    says(0, `${ASYNC}\n`);
    await settled();
    ends(running[0], { message: 'hook-supervisor: hook stopped: no end within 5 ms\n' }, 'timedOut');
    const failed = 'failed: timedOut: hook stopped: no end within 5 ms';
    expect(notes).toEqual([`PreToolUse: h0, which was not to be waited for, ${failed}`]);
    expect(status()).toMatchObject([{ running: 0, failed: 1 }]);
  });

  test('is not ended with its client, nor by the deny of another', async () => {
    declare({}, {});
    tell(CLAUDE);
    says(0, `${ASYNC}\n`);
    client.gone();
    expect(running.map(({ heard }) => heard)).toEqual([[], ['gone']]);
  });

  test('another hook denies: it is told, and nothing of the line with it', async () => {
    declare({}, {});
    tell(CLAUDE);
    says(0, `${ASYNC}\n`);
    denies(running[1], 'no');
    await settled();
    expect(said).toEqual(['stderr no', 'answered 2 0 ']);
  });

  test('so many run on at a time; more are waited for, and decide as little', async () => {
    const most = LIMITS.eventHooksLeftMax;
    for (let at = 0; at <= most; at++) {
      set.folders = 100;
      tell(CLAUDE);
      says(at, `${ASYNC}\n`);
    }
    await settled();
    expect(said).toHaveLength(most);
    denies(running[most], 'no');
    await settled();
    expect(said).toEqual(Array(most + 1).fill('answered 0 0 '));
    ends(running[0], {});
    set.folders = 100;
    tell(CLAUDE);
    says(most + 1, `${ASYNC}\n`);
    await settled();
    expect(said).toHaveLength(most + 2);
  });

  test('what it says is given back when it ends, and one that says too much at once does not run on', async () => {
    const mebibytes = LIMITS.eventHooksHeldMaxBytes / LIMITS.eventHookStdoutMaxBytes;
    const line = `${ASYNC}\n`;
    for (let at = 0; at < 2 * (mebibytes + 1); at += 2) {
      set.folders = 100;
      tell(CLAUDE);
      says(at, line.padEnd(LIMITS.eventHookStdoutMaxBytes));
      ends(running[at], {});
      tell(CLAUDE);
      says(at + 1, line.padEnd(LIMITS.eventHookStdoutMaxBytes + 1));
    }
    await settled();
    expect([...new Set(said)]).toEqual(['answered 0 0 ', expect.stringMatching(/^limitHit 1 0 .*1048576 bytes\n$/)]);
    const before = said.length;
    set.folders = 100;
    tell(CLAUDE);
    says(running.length - 1, line);
    await settled();
    expect(said).toHaveLength(before + 1);
  });
});

test.each([
  ['another first line', CLAUDE, '{"async":false}\n'],
  ['a long first line', CLAUDE, `{"async":true,"x":"${'x'.repeat(1024)}"}\n`],
  ['a later line', CLAUDE, 'first\n{"async":true}\n'],
  ['an agent without such hooks', CODEX, '{"async":true}\n'],
])('%s: it is waited for', async (_name, event, text) => {
  tell(event);
  says(0, text);
  await settled();
  expect(said).toEqual([]);
  denies(running[0], 'no');
  await settled();
  expect(said.slice(-2)).toEqual(['stderr no', 'answered 2 0 ']);
});

test('one that says so in its whole answer only: it is not passed on, or the deny of another would count for nothing', async () => {
  set.hasValidator = true;
  set.ask = async () => ({ kind: 'answered', verdict: { decision: 'deny', reason: 'v' } });
  tell(CLAUDE);
  says(0, '{\n"async": true, "asyncTimeout": 1, "systemMessage": "m"\n}');
  ends(running[0], {});
  await settled();
  expect(said[0]).toContain('"permissionDecision":"deny"');
  expect(said[0]).not.toContain('async');
});
