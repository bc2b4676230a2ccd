/** Hooks that are run for events, with a dispatch that is a fake: what it is given, and what becomes of what they say. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../../supervisor/contract/call.js';
import type { EventHookSpec } from '../../../supervisor/contract/event-hooks.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { ClientEnd, Explanation, OutcomeKind } from '../../../supervisor/contract/outcome.js';
import type { EndedEvent } from '../../../supervisor/contract/records.js';
import type { ValidatorOutcome } from '../../../supervisor/contract/validating.js';
import type { Caller, CallerEvents } from '../../../supervisor/intake/intake.js';
import { createAnswering } from '../../../supervisor/validating/answering.js';
import { EventHook } from '../../../supervisor/validating/event-hooks.js';
import { createEventPath } from '../../../supervisor/validating/path/event-path.js';
import { Sessions } from '../../../supervisor/validating/path/sessions.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { SPEC, toolEvent } from '../../lib/validators.js';
import { BEFORE_TOOL } from '../agents/events/samples.js';
import { settled } from './workers.js';

const CLAUDE = Buffer.from(JSON.stringify(toolEvent('Bash', { command: 'x' }).raw));
const CODEX = Buffer.from(JSON.stringify(BEFORE_TOOL.codex));
const COPILOT = Buffer.from(JSON.stringify(BEFORE_TOOL.copilot));
const WORKTREE = Buffer.from(
  JSON.stringify({ ...toolEvent('', {}).raw, hook_event_name: 'WorktreeCreate', name: 'w' }),
);
const HOOK: EventHookSpec = {
  ...{ name: 'h', command: 'python3 h.py', agents: [], events: [], matcher: '', level: undefined, timeoutMs: 60_000 },
  onFailure: undefined,
};

/** A hook that runs. */
interface Running {
  call: Call;
  caller: Caller;
  /** What it hears of whoever has started it. */
  heard: string[];
}

let running: Running[];
let hooks: EventHook[];
let said: string[];
let closed: number[];
let notes: string[];
let client: CallerEvents;
let ask: (signal?: AbortSignal) => Promise<ValidatorOutcome>;
let folders: number;
let words: string[];
let records: EndedEvent[];
let answering: ReturnType<typeof createAnswering>;

beforeEach(() => {
  running = [];
  said = [];
  closed = [];
  notes = [];
  records = [];
  folders = 100;
  words = [];
  ask = async () => ({ kind: 'answered', verdict: {} });
  const validator = { spec: SPEC, order: 0, crew: {}, codeIdentity: () => undefined };
  const known = {
    validators: () => ({ all: [validator], on: () => ({ asked: [validator], graph: new Map() }) }) as never,
    ended: (record: EndedEvent) => void records.push(record),
  };
  const clock = new FakeClock();
  const path = createEventPath({
    ...{ clock, cache: {} as never, breakers: { allow: () => 'yes', told() {} } as never, answered() {}, ...known },
    asker: { ask: (_crew: unknown, _asking: unknown, signal?: AbortSignal) => ask(signal) } as never,
    ...{ projects: { of: () => '/p' }, sessions: new Sessions(), troubled() {} },
    ...{ analysers: {} as never, words: { take: () => words.splice(0) } },
  });
  answering = createAnswering({
    ...{ clock, path, ...known },
    hooks: () => hooks,
    nextCallId: () => 2 * running.length + 4,
    sameFolder: () => (folders < 103 ? folders++ : undefined),
    run(call, caller) {
      const heard: string[] = [];
      caller.setEvents({
        ...{ stdin() {}, stdinEnd() {}, readerGone() {}, drained() {} },
        cancel: (signal) => heard.push(`cancel ${signal}`),
        gone: () => heard.push('gone'),
      });
      running.push({ call, caller, heard });
    },
    isStopping: () => false,
    closeFd: (fd) => closed.push(fd),
    note: (text) => notes.push(text),
  });
});

function declare(...specs: Partial<EventHookSpec>[]): void {
  const made = specs.map((one, index) => ({ ...HOOK, name: `h${index}`, ...one }));
  hooks = EventHook.allOf({ validators: [SPEC], hooks: made }, []);
}

function tell(stdin: Buffer, more: Partial<Call> = {}): Call {
  const call: Call = {
    ...{ id: 2, raw: stdin, argv: ['event', ''], env: ['A=1'], cwd: '/p', cwdFd: 9, isEvent: true, shellText: false },
    ...{ mergedOutput: true, explain: true, blocking: true, level: undefined, timeoutMs: 0, readersGone: 3 },
    ...{ inherited: Buffer.from('inherited'), stdin, stdinComplete: true, receivedAtMs: 5, ...more },
  };
  answering.take(call, {
    setEvents(events) {
      client = events;
    },
    started: () => true,
    stdout: (bytes) => said.push(`stdout ${bytes}`) > 0,
    stderr: (bytes) => said.push(`stderr ${bytes}`) > 0,
    end: ({ exitCode, signal, message }: ClientEnd, { outcome }: Explanation) =>
      said.push(`${outcome} ${exitCode} ${signal} ${message}`),
    refuse: (code) => said.push(`refused ${code}`),
    ...{ pauseStdin() {}, resumeStdin() {} },
    attempt: (step) => step(),
  });
  return call;
}

const ends = (one: Running | undefined, end: Partial<ClientEnd>, outcome: OutcomeKind = 'answered') =>
  one?.caller.end({ exitCode: 0, signal: 0, message: '', ...end }, { outcome } as Explanation);
const denies = (one: Running | undefined, why: string) => {
  one?.caller.stderr(Buffer.from(why));
  ends(one, { exitCode: 2 });
};
const status = () => hooks.map((hook) => hook.status());

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
        ...{ stdin: CLAUDE, stdinComplete: true, receivedAtMs: 5 },
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
    words = ['look'];
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

describe('what failures mean', () => {
  const UNSTARTED = { exitCode: 1, message: 'm', isUnstarted: true } as const;
  const mistake = () => {
    throw new Error('ours');
  };
  const failures = [
    ['its own', (one: Running | undefined) => ends(one, { exitCode: 1 }), false],
    ['a time-out', (one: Running | undefined) => ends(one, { exitCode: 1, message: 'm' }, 'timedOut'), false],
    ['that it was never run', (one: Running | undefined) => one?.caller.refuse(1, 'no worker'), true],
    ['a time-out before it began', (one: Running | undefined) => ends(one, UNSTARTED, 'timedOut'), true],
    ['a mistake of ours', (one: Running | undefined) => one?.caller.attempt(mistake), true],
  ] as const;
  test.each(failures)('%s: as to the agent, but one that nobody ran denies', async (_what, fail, isDenied) => {
    declare({});
    tell(CLAUDE);
    fail(running[0]);
    await settled();
    expect(said.join('\n').includes('"permissionDecision":"deny"')).toBe(isDenied);
  });

  test.each(failures)('%s: denies with block, never with continue', async (_what, fail) => {
    for (const onFailure of ['block', 'continue'] as const) {
      declare({ onFailure });
      tell(CLAUDE);
      fail(running.at(-1));
      await settled();
      expect(said.join('\n').includes('"permissionDecision":"deny"')).toBe(onFailure === 'block');
      said = [];
    }
  });

  describe.each([
    ['Copilot, before a tool', COPILOT, 'stdout {"permissionDecision":"deny"'],
    ["Claude Code's new worktree", WORKTREE, 'stderr h0 failed (timedOut): m;'],
  ])('where any failure is a refusal: %s', (_event, event, deny) => {
    const timesOut = async (spec: Partial<EventHookSpec>) => {
      declare(spec);
      tell(event);
      ends(running.at(-1), { exitCode: 1, message: 'm' }, 'timedOut');
      await settled();
    };

    test('a time-out denies, alone and beside a validator that speaks', async () => {
      await timesOut({});
      expect(said[0]).toContain(deny);
      said = [];
      ask = async () => ({ kind: 'answered', verdict: { decision: 'ask', reason: 'v' } });
      await timesOut({});
      expect(said[0]).toContain(deny);
    });

    test('with continue not even its status does', async () => {
      await timesOut({ onFailure: 'continue' });
      expect(said).toEqual(['answered 0 0 ']);
    });
  });

  test('is noted, but neither all that a hook says of it nor all that the agent calls the event', async () => {
    declare({});
    tell(Buffer.from(JSON.stringify({ ...BEFORE_TOOL.codex, hook_event_name: 'E'.repeat(300) })));
    running[0]?.caller.stderr(Buffer.from('x'.repeat(300)));
    ends(running[0], { exitCode: 1 });
    await settled();
    expect(notes).toEqual([expect.stringMatching(/^E{200}: h0 failed: threw: exit status 1: x+$/)]);
    expect(notes[0]).toHaveLength(402);
  });

  test('a mistake of ours while it runs: it is noted, and the hook is ended', async () => {
    declare({});
    tell(CLAUDE);
    running[0]?.caller.attempt(mistake);
    await settled();
    expect(running[0]?.heard).toEqual(['gone']);
    expect(notes).toEqual([expect.stringContaining('call failed: Error: ours')]);
  });

  test('no descriptor for its folder: never run, so it denies', async () => {
    folders = 103;
    declare({});
    tell(CLAUDE);
    await settled();
    expect(running).toEqual([]);
    expect(said.join('\n')).toContain('h0 failed (refused): no descriptor for its folder can be had');
  });

  test('an event that cannot be read is refused where a hook might have', async () => {
    declare({});
    tell(Buffer.from('x'), { blocking: false });
    await settled();
    declare({ onFailure: 'continue' });
    tell(Buffer.from('x'), { blocking: false });
    await settled();
    expect(said).toEqual([expect.stringMatching(/^crashed 2 /), expect.stringMatching(/^crashed 1 /)]);
  });
});

describe('all of one event', () => {
  test('run at once; the merged answer is as they are declared, behind the validators, whoever was first', async () => {
    ask = async () => ({ kind: 'answered', verdict: { decision: 'deny', reason: 'v' } });
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
    ask = async () => ({ kind: 'answered', verdict: { decision: 'deny', reason: 'v' } });
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
    ask = (signal) =>
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
      folders = 100;
      tell(CLAUDE);
      running[at]?.caller.stdout(Buffer.alloc(full, ' '));
    }
    folders = 100;
    tell(CLAUDE);
    running[held]?.caller.stdout(Buffer.from('x'));
    await settled();
    expect(said[0]).toMatch(/"permissionDecision":"deny".*too much output of hooks is held/);
    expect(running[held]?.heard).toEqual(['gone']);
    for (const one of running.slice(0, held)) ends(one, {});
    await settled();
    said = [];
    folders = 100;
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
