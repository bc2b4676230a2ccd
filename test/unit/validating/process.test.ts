import { beforeEach, describe, expect, test } from 'vitest';
import type { Call, Plan } from '../../../supervisor/contract/call.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { CREDIT_WINDOW_BYTES, INHERITED_BYTES } from '../../../supervisor/contract/wire.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import type { TaskEvents } from '../../../supervisor/pool/tasks.js';
import { type AskWay, ResidentProcess } from '../../../supervisor/validating/process.js';
import type { WorkerEnd } from '../../../supervisor/validating/worker.js';
import { FakeClock } from '../../lib/fake-clock.js';

const SIGKILL = 9;
const CWD_FD = 9;

let clock: FakeClock;
let task: TaskEvents;
let log: string[];
let ends: WorkerEnd[];
let freeSlots: number;
let closedBecause: string | undefined;
let made: ResidentProcess;
let pool: ReturnType<typeof makePool>;

const makePool = () => ({
  spec: { slots: 64 },
  lease: () => (freeSlots-- > 0 ? { pid: 7 } : void freeSlots++),
  get closedBecause() {
    return closedBecause;
  },
  begin(_lease: unknown, _id: number, _start: Buffer, fds: readonly number[], events: TaskEvents) {
    task = events;
    log.push(`begin ${fds}`);
    return true;
  },
  stdin: (_id: number, bytes: Buffer, last: boolean) => log.push(`stdin ${bytes.length}${last ? ' last' : ''}`),
  cancel: (_id: number, signal: number) => log.push(`cancel ${signal}`),
  outputTaken: (_id: number, bytes: number) => log.push(`credit ${bytes}`),
});

beforeEach(() => {
  clock = new FakeClock();
  log = [];
  ends = [];
  freeSlots = 1;
  closedBecause = undefined;
  pool = makePool();
});

function begin(before: AskWay[] = []): void {
  const none = Buffer.alloc(0);
  const call = {
    id: 2,
    argv: [],
    env: [],
    cwdFd: CWD_FD,
    mergedOutput: false,
    inherited: Buffer.alloc(INHERITED_BYTES),
  };
  const plan: Extract<Plan, { kind: 'exec' }> = {
    kind: 'exec',
    path: '/p',
    argv: ['/p'],
    env: [],
    reason: '',
    throughShell: false,
  };
  const limits = { memoryMaxBytes: 100 };
  const rooms = {
    clock,
    config: { limits },
    closeFd: (fd: number) => log.push(`close ${fd}`),
  };
  const ways = [...before, () => ({ pool: pool as unknown as Pool, plan })];
  const start = { ways, words: [], peerEnds: [3, 4] } as const;
  made = new ResidentProcess({ ...call, stdin: none } as unknown as Call, start, rooms as never, {
    begun: (pid) => log.push(`begun ${pid}`),
    output: (bytes) => log.push(`output ${bytes}`),
    gone: (end) => ends.push(end),
  });
}

const over = (exitCode: number, signal = 0) => task.ended({ kind: 'ended', exitCode, signal } as never);

describe('a place in the pool', () => {
  test('is taken at once, with the ends of its channel', () => {
    begin();
    expect(log).toEqual([`begin ${CWD_FD},3,4`, 'begun 7']);
  });

  test('is waited for, but not for ever', () => {
    freeSlots = 0;
    begin();
    clock.pass(20);
    expect(log).toEqual([]);
    freeSlots = 1;
    clock.pass(20);
    expect(log).toContain('begun 7');
    freeSlots = 0;
    begin();
    clock.pass(LIMITS.residentReadyTimeoutMs - 1);
    expect(ends).toEqual([{ cause: 'refused', message: 'no process came free in time' }]);
  });

  test('is not waited for where there will be none', () => {
    freeSlots = 0;
    closedBecause = 'the pool is held back';
    begin();
    expect(ends).toEqual([{ cause: 'refused', message: 'the pool is held back' }]);
    expect(log).toEqual([`close ${CWD_FD}`]);
  });

  test('is refused where only those are left that hooks need, until a worker has gone', () => {
    pool.spec.slots = 4;
    freeSlots = 9;
    begin();
    const first = task;
    begin();
    begin();
    const message = '2 of the 4 places of its pool are taken by workers; raise slotsPerPool';
    expect(ends).toEqual([{ cause: 'refused', message }]);
    first.lost();
    begin();
    expect(ends).toHaveLength(2);
    expect(log.filter((one) => one.startsWith('begin '))).toHaveLength(3);
  });

  test('that starts nothing: three are tried', () => {
    freeSlots = 9;
    begin();
    for (let at = 0; at < 3; at++) task.notStarted('gone');
    expect(log.filter((one) => one.startsWith('begin'))).toHaveLength(3);
    expect(ends).toEqual([{ cause: 'refused', message: 'no process could start it' }]);
  });
});

describe('a pool that only forks for workers', () => {
  const PLAN = { kind: 'exec', path: '/z', argv: ['/z'], env: [], reason: '', throughShell: false } as const;
  const first = () => {
    const state = { free: 0, closedBecause: undefined as string | undefined };
    const its = {
      ...makePool(),
      spec: { slots: 64, isForResidents: true },
      target: { setWaiting: (count: number) => log.push(`waiting ${count}`) },
      lease: () => (state.free-- > 0 ? { pid: 8 } : void state.free++),
    };
    Object.defineProperty(its, 'closedBecause', { get: () => state.closedBecause });
    return { state, ask: () => ({ pool: its as unknown as Pool, plan: PLAN }) };
  };

  test('has one forked for each that waits, and is told only then that nobody does', () => {
    const { state, ask } = first();
    begin([ask]);
    state.free = 1;
    clock.pass(20);
    expect(log).toEqual(['waiting 1', `begin ${CWD_FD},3,4`, 'waiting 0', 'begun 8']);
  });

  test('and one that has failed is not waited for: the other way is tried', () => {
    const { state, ask } = first();
    begin([ask]);
    state.closedBecause = 'cannot serve this interpreter';
    clock.pass(20);
    expect(log).toEqual(['waiting 1', 'waiting 0', `begin ${CWD_FD},3,4`, 'begun 7']);
    expect(ends).toEqual([]);
  });

  test('nor is one waited for too long', () => {
    begin([first().ask]);
    clock.pass(LIMITS.residentReadyTimeoutMs / 2 + 20);
    expect(log.at(-1)).toBe('begun 7');
  });

  test('where it starts nothing, the other way does', () => {
    const { state, ask } = first();
    state.free = 9;
    begin([ask]);
    for (let at = 0; at < 3; at++) task.notStarted('gone');
    expect(log.filter((one) => one.startsWith('begun'))).toEqual(['begun 8', 'begun 8', 'begun 8', 'begun 7']);
  });

  test('a way that is none is passed over, and the last one says why', () => {
    begin([() => 'switched off']);
    expect(log).toContain('begun 7');
    freeSlots = 0;
    closedBecause = 'held back';
    begin([() => 'switched off']);
    expect(ends).toEqual([{ cause: 'refused', message: 'held back' }]);
  });

  test('one that is given up while it waits is waited for no more', () => {
    begin([first().ask]);
    made.kill();
    expect(log).toEqual(['waiting 1', `close ${CWD_FD}`, 'waiting 0']);
    clock.pass(LIMITS.residentReadyTimeoutMs);
    expect(ends).toHaveLength(1);
  });
});

describe('its input', () => {
  test('goes out as it is taken, and is bounded', () => {
    begin();
    expect(made.write(Buffer.alloc(CREDIT_WINDOW_BYTES + 5))).toBe(true);
    expect(log.slice(2)).toEqual([`stdin ${CREDIT_WINDOW_BYTES}`]);
    task.stdinTaken(5);
    expect(log.slice(3)).toEqual(['stdin 5']);
    expect(made.write(Buffer.alloc(LIMITS.residentBacklogMaxBytes))).toBe(false);
  });

  test('ends once, with nothing after it, whatever is still to come', () => {
    begin();
    made.write(Buffer.alloc(CREDIT_WINDOW_BYTES + 5));
    made.end();
    made.end();
    expect(made.write(Buffer.from('x'))).toBe(false);
    task.stdinTaken(CREDIT_WINDOW_BYTES);
    expect(log.slice(3)).toEqual(['stdin 0 last']);
  });
});

describe('its end', () => {
  test('whoever does not end with its input is killed a moment later', () => {
    begin();
    made.end();
    clock.pass(500);
    expect(log.at(-1)).toBe(`cancel ${SIGKILL}`);
  });

  test('whoever ends is told once, with its last words, and leaves nothing on the clock', () => {
    begin();
    made.end();
    task.stderr(Buffer.from('Traceback\nValueError: x\u001b[31m\n\n'));
    over(1);
    over(1);
    task.lost();
    expect(ends).toEqual([{ cause: 'crashed', message: 'its worker ended with exit code 1: ValueError: x?[31m' }]);
    expect(log.filter((one) => one.startsWith('close'))).toEqual([`close ${CWD_FD}`]);
    expect(clock.timers).toEqual([]);
    made.kill();
    expect(log.at(-1)).not.toMatch(/^cancel/);
  });

  test.each([
    [78, 0, true],
    [69, 0, undefined],
    [78, SIGKILL, undefined],
  ])('exit code %i and signal %i: hopeless is %s', (exitCode, signal, isHopeless) => {
    begin();
    over(exitCode, signal);
    expect(ends.map((end) => end.isHopeless)).toEqual([isHopeless]);
  });

  test('a limit is named, a signal too, a keeper that died and an operator who ended it', () => {
    freeSlots = 4;
    begin();
    task.ended({ kind: 'limitHit', limit: 'memory', exitCode: 0, signal: SIGKILL } as never);
    begin();
    over(0, SIGKILL);
    begin();
    task.lost();
    begin();
    task.kicked(undefined);
    expect(ends).toEqual([
      { cause: 'limitHit', message: 'its worker was ended at its memory limit of 100 bytes' },
      { cause: 'crashed', message: 'its worker ended by signal 9' },
      { cause: 'crashed', message: 'its keeper died' },
      { cause: 'refused', message: 'the operator ended it (supervisor kick)', isAnothers: true },
    ]);
  });

  test('not wanted before it has begun, or while its process was to be another: no other is tried', () => {
    freeSlots = 0;
    begin();
    made.kill();
    freeSlots = 3;
    clock.pass(20);
    expect(log).toEqual([`close ${CWD_FD}`]);
    begin();
    made.end();
    task.notStarted('gone');
    begin();
    made.kill();
    task.notStarted('gone');
    expect(log.filter((one) => one.startsWith('begin '))).toHaveLength(2);
    expect(ends).toHaveLength(3);
  });
});

test('what it has said is credited as it is taken', () => {
  begin();
  for (let at = 0; at < 4; at++) task.stdout(Buffer.alloc(CREDIT_WINDOW_BYTES / 8, 'x'));
  expect(log.filter((one) => one.startsWith('credit'))).toEqual([
    `credit ${CREDIT_WINDOW_BYTES / 4}`,
    `credit ${CREDIT_WINDOW_BYTES / 4}`,
  ]);
});
