/** Hooks that are run for events: what the dispatch is given, and what becomes of what they say. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { EventHook } from '../../../supervisor/validating/event-hooks.js';
import {
  CLAUDE,
  CODEX,
  client,
  closed,
  declare,
  denies,
  ends,
  HOOK,
  hooks,
  notes,
  records,
  resetScene,
  running,
  said,
  set,
  status,
  tell,
} from './event-hooks-scene.js';
import { settled } from './workers.js';

beforeEach(resetScene);

describe('the call', () => {
  test("is the client's own in folder, environment and inheritance, and has the event as it came", () => {
    declare({ command: 'python3 "$D"/h.py', level: 'restricted', timeoutMs: 7_000 });
    tell(CLAUDE);
    expect(running.map(({ call }) => call)).toEqual([
      {
        ...{
          id: 4,
          argv: ['/bin/sh', '-c', 'python3 "$D"/h.py'],
          shellText: true,
          env: ['A=1'],
          cwd: '/p',
          cwdFd: 100,
        },
        ...{ raw: Buffer.alloc(0), isEvent: false, mergedOutput: false, explain: false, blocking: false },
        ...{ level: 'restricted', timeoutMs: 7_000, readersGone: 0, inherited: Buffer.from('inherited') },
        ...{ stdin: CLAUDE, stdinComplete: true, receivedAtMs: 5, clientPid: 7 },
      },
    ]);
  });

  test('a text is for the shell of the agent, a list is a program without one', () => {
    declare({}, { command: ['prog', 'a b', 'é'] });
    tell(CODEX);
    expect(running.map(({ call }) => [call.argv, call.shellText])).toEqual([
      [['bash', '-c', 'python3 h.py'], true],
      [['prog', 'a b', 'Ã©'], false],
    ]);
  });

  test('has the nearer deadline of the two', () => {
    declare({ timeoutMs: 500 }, { timeoutMs: 5_000 });
    tell(CLAUDE, { timeoutMs: 1_000 });
    expect(running.map(({ call }) => call.timeoutMs)).toEqual([500, 1_000]);
  });

  test('is made for what the event concerns, and the folder of the client is held until that is answered', async () => {
    declare({ matcher: 'Write' }, { events: ['Stop'] }, { agents: ['codex'] }, { matcher: 'Bash' });
    tell(CLAUDE);
    await settled();
    expect(running.map(({ call }) => call.cwdFd)).toEqual([100]);
    expect(closed).toEqual([]);
    ends(running[0], {});
    await settled();
    expect(closed).toEqual([9]);
    expect(status().map(({ asked }) => asked)).toEqual([0, 0, 0, 1]);
  });
});

describe('a hook that alone has anything to say', () => {
  test('streams, status and signal are its own', async () => {
    declare({});
    tell(CLAUDE);
    running[0]?.caller.stdout(Buffer.from('out'));
    running[0]?.caller.stderr(Buffer.from('err'));
    ends(running[0], { exitCode: 3 });
    await settled();
    expect(said).toEqual(['stdout out', 'stderr err', 'answered 3 0 ']);
    tell(CLAUDE);
    ends(running[1], { signal: 11 });
    await settled();
    expect(said.at(-1)).toBe('answered 0 11 ');
  });

  test('words of earlier events are told beside it, not lost', async () => {
    declare({});
    set.words = ['look'];
    tell(CLAUDE);
    denies(running[0], 'no');
    await settled();
    expect(said[0]).toContain('"permissionDecisionReason":"no"');
    expect(said[0]).toContain('"additionalContext":"look"');
  });

  test('that is stopped by us: nothing of its half answer, exit 1 with the reason, which is noted', async () => {
    declare({});
    tell(CLAUDE);
    running[0]?.caller.stdout(Buffer.from('{"half'));
    ends(running[0], { exitCode: 1, message: 'hook-supervisor: hook stopped: no end within 5 ms\n' }, 'timedOut');
    await settled();
    expect(said).toEqual(['timedOut 1 0 hook-supervisor: hook stopped: no end within 5 ms\n']);
    expect(notes).toEqual(['PreToolUse: h0 failed: timedOut: hook stopped: no end within 5 ms']);
    expect(status()).toMatchObject([{ running: 0, asked: 1, denied: 0, failed: 1 }]);
  });

  test('that says more than it may: stopped, and its process hears of it', async () => {
    declare({});
    tell(CLAUDE);
    running[0]?.caller.stdout(Buffer.alloc(LIMITS.eventHookStdoutMaxBytes + 1));
    await settled();
    expect(said).toEqual([expect.stringMatching(/^limitHit 1 0 .*more than 1048576 bytes\n$/)]);
    expect(running[0]?.heard).toEqual(['gone']);
  });
});

describe('all of one event', () => {
  test('run at once; the merged answer is as they are declared, behind the validators, whoever was first', async () => {
    set.ask = async () => ({ kind: 'answered', verdict: { decision: 'deny', reason: 'v' } });
    declare({ name: 'b' }, { name: 'a' });
    tell(CLAUDE);
    expect(running).toHaveLength(2);
    denies(running[1], 'second');
    await settled();
    expect(said).toEqual([]);
    denies(running[0], 'first');
    await settled();
    expect(said[0]).toContain('"permissionDecisionReason":"v\\nfirst\\nsecond"');
    const each = ['guard', 'b', 'a'].map((name) => ({ name, said: 'deny' }));
    expect(records.map(({ event }) => event)).toEqual([{ decision: 'deny', validators: each, times: 1 }]);
  });

  test('two rewrites of one key: the later declared wins, and the conflict is noted', async () => {
    declare({}, {});
    tell(CLAUDE);
    for (const [at, command] of [
      [1, 'late'],
      [0, 'early'],
    ] as const) {
      const hookSpecificOutput = { hookEventName: 'PreToolUse', updatedInput: { command } };
      running[at]?.caller.stdout(Buffer.from(JSON.stringify({ hookSpecificOutput })));
      ends(running[at], {});
    }
    await settled();
    expect(said[0]).toContain('"updatedInput":{"command":"late"}');
    expect(notes).toEqual([
      'PreToolUse: h1 conflict: h0 and h1 rewrite "command" differently; h1 is declared later and wins',
    ]);
  });

  test("a deny of Codex' is plain: told at once, and the hooks that still run are ended", async () => {
    declare({}, {});
    tell(CODEX);
    denies(running[1], 'no');
    await settled();
    expect(said).toEqual(['stderr no', 'answered 2 0 ']);
    expect(running.map(({ heard }) => heard)).toEqual([['gone'], []]);
    expect(status().map(({ running: now }) => now)).toEqual([0, 0]);
  });

  test('a deny by a validator ends them, too', async () => {
    set.ask = async () => ({ kind: 'answered', verdict: { decision: 'deny', reason: 'v' } });
    declare({});
    tell(CODEX);
    await settled();
    expect(said).toEqual(['stderr v\n', 'answered 2 0 ']);
    expect(running[0]?.heard).toEqual(['gone']);
  });

  test.each([
    ['codex', CODEX],
    ['claude, whose hooks have all spoken', CLAUDE],
  ])('a deny by a hook ends the questions to validators: %s', async (_agent, event) => {
    let isAborted = false;
    set.ask = (signal) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => {
          isAborted = true;
          resolve({ kind: 'skipped', because: 'nobody waits' });
        });
      });
    declare({});
    tell(event);
    denies(running[0], 'no');
    await settled();
    expect([isAborted, said]).toEqual([true, ['stderr no', 'answered 2 0 ']]);
  });

  test('one that dies of a signal has no say, and the user is told', async () => {
    declare({}, {});
    tell(CLAUDE);
    ends(running[0], { signal: 11 });
    running[1]?.caller.stdout(Buffer.from('{"systemMessage":"fine"}'));
    ends(running[1], {});
    await settled();
    expect(said[0]).toBe('stdout {"systemMessage":"fine\\nh0 failed: ended by a signal"}');
  });

  test.each(['gone', 'cancel'] as const)('the client (%s) ends them, and none speaks any more', async (how) => {
    declare({}, {});
    tell(CLAUDE);
    if (how === 'gone') client.gone();
    else client.cancel(2);
    expect(running.map(({ heard }) => heard)).toEqual([['gone'], ['gone']]);
    denies(running[0], 'no');
    await settled();
    expect(said).toHaveLength(1);
    expect(closed).toEqual([9]);
  });

  test('what all say that is held is bounded: who finds no room for his words denies; given back once answered', async () => {
    const full = LIMITS.eventHookStdoutMaxBytes;
    declare({});
    const held = LIMITS.eventHooksHeldMaxBytes / full;
    for (let at = 0; at < held; at++) {
      set.folders = 100;
      tell(CLAUDE);
      running[at]?.caller.stdout(Buffer.alloc(full, ' '));
    }
    set.folders = 100;
    tell(CLAUDE);
    running[held]?.caller.stdout(Buffer.from('x'));
    await settled();
    expect(said[0]).toMatch(/"permissionDecision":"deny".*too much output of hooks is held/);
    expect(running[held]?.heard).toEqual(['gone']);
    for (const one of running.slice(0, held)) ends(one, {});
    await settled();
    said.splice(0);
    set.folders = 100;
    tell(CLAUDE);
    running[held + 1]?.caller.stdout(Buffer.from('x'));
    ends(running[held + 1], {});
    await settled();
    expect(said).toEqual(['stdout x', 'answered 0 0 ']);
  });
});

test('another configuration: a hook of the same name goes on counting, at its new place', () => {
  declare({ name: 'a' }, { name: 'b' });
  hooks[1]?.began();
  const next = EventHook.allOf(
    {
      validators: [],
      hooks: [
        { ...HOOK, name: 'b' },
        { ...HOOK, name: 'c' },
      ],
    },
    hooks,
  );
  expect(next.map(({ order }) => order)).toEqual([0, 1]);
  expect(next.map((one) => one.status().asked)).toEqual([1, 0]);
  hooks[1]?.ended({ kind: 'skipped', because: '' });
  expect(next[0]?.status()).toMatchObject({ running: 0, asked: 1 });
});
