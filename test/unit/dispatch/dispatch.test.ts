import { beforeEach, describe, expect, test } from 'vitest';
import type { Call, Plan } from '../../../supervisor/contract/call.js';
import type { Config } from '../../../supervisor/contract/config.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { ClientEnd, Explanation } from '../../../supervisor/contract/outcome.js';
import { INHERITED_BYTES, Refusal, Stream } from '../../../supervisor/contract/wire.js';
import { createDispatch, type Run } from '../../../supervisor/dispatch.js';
import type { Caller, CallerEvents } from '../../../supervisor/intake/intake.js';
import type { Lease, Pool, TaskEvents } from '../../../supervisor/pool/pool.js';
import { CallCounters } from '../../../supervisor/scheduler/counters.js';
import { DeclinedPrograms } from '../../../supervisor/scheduler/declined.js';
import { WaitingCalls } from '../../../supervisor/scheduler/queue.js';

/** Everything that happened, in order: what the tests are about. */
let log: string[];
let timers: { dueMs: number; callback: () => void }[];
let nowMs: number;
let lastTask: TaskEvents;
let callerEvents: CallerEvents;
let clientHasGivenUp: boolean;
let ended: { end: ClientEnd; explanation: Explanation } | undefined;
let stopping: boolean;
let obstacle: string | undefined;

class FakePool {
  freeSlots: number[] = [];
  isReady = true;
  begun: Buffer[] = [];
  canBegin = true;
  demand = 0;
  state = 'ready';
  readonly spec: { id: string; runtime: string };
  constructor(id: string) {
    this.spec = { id, runtime: id };
  }
  lease(): Lease | undefined {
    const slot = this.freeSlots.shift();
    if (slot === undefined) return undefined;
    return {
      pool: this as unknown as Pool,
      keeperGeneration: 1,
      slot,
      generation: 1,
      pid: 1000 + slot,
      cgroupPath: null,
    };
  }
  release(lease: Lease): void {
    log.push(`release ${lease.slot}`);
  }
  begin(lease: Lease, _id: number, payload: Buffer, _fd: number, events: TaskEvents): boolean {
    log.push(`begin ${this.spec.id}:${lease.slot}`);
    this.begun.push(payload);
    lastTask = events;
    return this.canBegin;
  }
  setDemand(waiting: number): void {
    this.demand = waiting;
  }
  stdin(_id: number, bytes: Buffer, last: boolean): void {
    log.push(`stdin ${bytes.toString()}${last ? '.' : ''}`);
  }
  cancel(_id: number, signal: number): void {
    log.push(`cancel ${signal}`);
  }
  readerGone(_id: number, stream: number): void {
    log.push(`reader gone ${stream}`);
  }
  outputTaken(_id: number, bytes: number): void {
    log.push(`credit ${bytes}`);
  }
}

let exec: FakePool;
let python: FakePool;
let dispatch: ReturnType<typeof createDispatch>;
let plan: Plan;

const execPlan: Plan = { kind: 'exec', path: '/bin/x', argv: ['x'], env: [], reason: '', throughShell: false };
const pythonPlan: Plan = {
  kind: 'interpreter',
  runtime: 'python',
  interpreter: '/usr/bin/python3',
  flags: [],
  startEnv: [],
  program: { mode: 'script', index: 1 },
  argv: ['python3', 'h.py'],
  env: [],
  fallback: { path: '/usr/bin/python3' },
  throughShell: false,
};

const caller: Caller = {
  setEvents: (events) => {
    callerEvents = events;
  },
  started: () => {
    log.push(clientHasGivenUp ? 'gave up' : 'STARTED');
    return !clientHasGivenUp;
  },
  stdout: () => true,
  stderr: (bytes) => {
    log.push(`stderr ${bytes.toString()}`);
    return true;
  },
  end: (end, explanation) => {
    log.push(`end ${explanation.outcome}`);
    ended = { end, explanation };
  },
  refuse: (code) => log.push(`refuse ${code}`),
  pauseStdin: () => log.push('pause'),
  resumeStdin: () => log.push('resume'),
};

function call(change: Partial<Call> = {}): Call {
  return {
    id: 1,
    argv: ['x'],
    env: [],
    cwd: '/',
    cwdFd: 40,
    shellText: false,
    mergedOutput: false,
    explain: true,
    blocking: false,
    readersGone: 0,
    level: undefined,
    timeoutMs: 0,
    inherited: Buffer.alloc(INHERITED_BYTES),
    stdin: Buffer.from('{}'),
    stdinComplete: true,
    receivedAtMs: 0,
    ...change,
  };
}

function passTime(ms: number): void {
  nowMs += ms;
  for (const timer of timers.splice(0)) if (timer.dueMs <= nowMs) timer.callback();
}

beforeEach(() => {
  log = [];
  timers = [];
  nowMs = 0;
  clientHasGivenUp = false;
  ended = undefined;
  stopping = false;
  obstacle = undefined;
  exec = new FakePool('exec');
  python = new FakePool('python');
  exec.freeSlots = [0, 1, 2];
  python.freeSlots = [5, 6];
  plan = execPlan;
  const clock = {
    nowMs: () => nowMs,
    after(delayMs: number, callback: () => void) {
      const timer = { dueMs: nowMs + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  const config = {
    timeoutMs: 0,
    cancelGraceMs: 1,
    outputGraceMs: 1,
    outputMaxBytes: 1000,
    limits: { memoryMaxBytes: 77, pidsMax: 5 },
  } as unknown as Config;
  dispatch = createDispatch({
    clock,
    config,
    plan: () => plan,
    execPool: exec as unknown as Pool,
    warmPool: () => python as unknown as Pool,
    waiting: new WaitingCalls<Run>({ perPoolMax: 2, totalMax: 3 }),
    declined: new DeclinedPrograms(clock),
    counters: new CallCounters(),
    enforced: () => ['session'],
    cannotInherit: () => obstacle,
    closeFd: (fd) => log.push(`close ${fd}`),
    isStopping: () => stopping,
  });
});

const answered = {
  kind: 'answered' as const,
  limit: undefined,
  exitCode: 2,
  signal: 0,
  runNs: 5e6,
  stdoutBytes: 0,
  stderrBytes: 0,
  memoryPeakBytes: 0,
  cpuUs: 0,
};

describe('an ordinary call', () => {
  test('STARTED goes out before the order, the folder is closed, the answer is the hook’s own', () => {
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(log).toEqual(['STARTED', 'begin exec:0', 'end answered', 'close 40']);
    expect(ended?.end).toEqual({ exitCode: 2, signal: 0, message: '' });
    expect(ended?.explanation).toMatchObject({ path: 'exec', pid: 1000, slot: 0, enforced: ['session'] });
  });

  test('a client that has given up -> never begun, the worker is given back', () => {
    clientHasGivenUp = true;
    dispatch.take(call(), caller);
    expect(log).toEqual(['gave up', 'release 0', 'close 40']);
  });

  test('a warm interpreter that is not ready -> exec, and the explanation says why', () => {
    plan = pythonPlan;
    python.isReady = false;
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(ended?.explanation).toMatchObject({ path: 'exec', why: expect.stringContaining('not ready') });
  });
});

describe('a task that did not start', () => {
  test('worker gone -> another worker with the same input, and no second STARTED', () => {
    dispatch.take(call(), caller);
    lastTask.notStarted('gone');
    lastTask.ended(answered);
    expect(log).toEqual(['STARTED', 'begin exec:0', 'begin exec:1', 'end answered', 'close 40']);
    expect(exec.begun[1]).toEqual(exec.begun[0]);
  });

  test('declined -> exec, and the next call of that program goes to exec at once', () => {
    plan = pythonPlan;
    dispatch.take(call(), caller);
    lastTask.notStarted('declined');
    lastTask.ended(answered);
    dispatch.take(call({ id: 2 }), caller);
    expect(log.filter((line) => line.startsWith('begin'))).toEqual(['begin python:5', 'begin exec:0', 'begin exec:1']);
  });

  test('no worker ever starts it -> crashed after a bounded number of tries', () => {
    exec.freeSlots = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    exec.canBegin = false;
    dispatch.take(call(), caller);
    expect(log.filter((line) => line.startsWith('begin'))).toHaveLength(LIMITS.notStartedRetriesMax + 1);
    expect(ended?.end.exitCode).toBe(1);
  });
});

describe('a task that started', () => {
  test('keeper lost -> crashed, never begun again', () => {
    dispatch.take(call(), caller);
    lastTask.lost();
    expect(log).toEqual(['STARTED', 'begin exec:0', 'end crashed', 'close 40']);
    expect(ended?.end).toMatchObject({ exitCode: 1, message: expect.stringContaining('keeper') });
  });

  test('keeper lost under a blocking handler -> exit 2', () => {
    dispatch.take(call({ blocking: true }), caller);
    lastTask.lost();
    expect(ended?.end.exitCode).toBe(2);
  });

  test('a connection that closes cancels the task', () => {
    dispatch.take(call(), caller);
    callerEvents.gone();
    expect(log).toContain('cancel 15');
  });

  test('a reader that is gone before or after the start is told to the hook, and nothing is cancelled', () => {
    dispatch.take(call({ readersGone: Stream.STDOUT }), caller);
    callerEvents.readerGone(Stream.STDERR);
    expect(log).toEqual(['STARTED', 'begin exec:0', 'reader gone 1', 'reader gone 2']);
  });

  test('a command killed under a shell that would have waited ends as that shell does', () => {
    plan = { ...execPlan, throughShell: true };
    dispatch.take(call({ shellText: true }), caller);
    lastTask.ended({ ...answered, exitCode: 0, signal: 9 });
    expect(log).toContain('stderr Killed\n');
    expect(ended?.end).toEqual({ exitCode: 137, signal: 0, message: '' });
  });
});

describe('waiting', () => {
  beforeEach(() => {
    exec.freeSlots = [];
  });

  test('no worker -> waits, asks for more, and goes on when one comes free', () => {
    dispatch.take(call(), caller);
    expect([log, exec.demand]).toEqual([[], 1]);
    exec.freeSlots = [4];
    dispatch.available(exec as unknown as Pool);
    expect([log, exec.demand]).toEqual([['STARTED', 'begin exec:4'], 0]);
  });

  test('stdin that came meanwhile goes right behind the order', () => {
    dispatch.take(call({ stdin: Buffer.from('ab'), stdinComplete: false }), caller);
    callerEvents.stdin(Buffer.from('cd'));
    callerEvents.stdinEnd();
    exec.freeSlots = [4];
    dispatch.available(exec as unknown as Pool);
    expect(exec.begun[0]?.toString('latin1')).toMatch(/ab$/);
    expect(log).toEqual(['STARTED', 'begin exec:4', 'stdin cd.']);
  });

  test('cancelled while waiting -> never begun', () => {
    dispatch.take(call(), caller);
    callerEvents.cancel(15);
    exec.freeSlots = [4];
    dispatch.available(exec as unknown as Pool);
    expect(log).toEqual(['end cancelled', 'close 40']);
    expect(ended?.end.signal).toBe(15);
  });

  test('the queue is bounded: the next call is refused before STARTED', () => {
    for (let id = 1; id <= 3; id++) dispatch.take(call({ id }), caller);
    expect(log).toEqual(['close 40', `refuse ${Refusal.QUEUE_FULL}`]);
  });

  test('nobody comes free in time -> refused, so that the client may run it itself', () => {
    dispatch.take(call(), caller);
    passTime(LIMITS.queueWaitMaxMs);
    expect(log).toEqual(['close 40', `refuse ${Refusal.NO_WORKER}`]);
  });

  test('a warm pool without room in time -> exec', () => {
    plan = pythonPlan;
    python.freeSlots = [];
    dispatch.take(call(), caller);
    exec.freeSlots = [0];
    passTime(LIMITS.queueWaitMaxMs);
    expect(log).toEqual(['STARTED', 'begin exec:0']);
  });
});

describe('refusals', () => {
  test('a level that is not built is refused, never weakened', () => {
    dispatch.take(call({ level: 'untrusted' }), caller);
    expect(log).toEqual(['close 40', `refuse ${Refusal.LEVEL_UNAVAILABLE}`]);
  });

  test('a state that cannot be inherited, an impossible path, an exec keeper in backoff -> refused before STARTED', () => {
    obstacle = 'nice';
    dispatch.take(call(), caller);
    obstacle = undefined;
    plan = { ...execPlan, path: `/${'x'.repeat(5000)}` };
    dispatch.take(call(), caller);
    plan = { ...execPlan, path: '' };
    dispatch.take(call(), caller);
    plan = execPlan;
    exec.state = 'backoff';
    dispatch.take(call(), caller);
    expect(log.filter((line) => !line.startsWith('close'))).toEqual([
      `refuse ${Refusal.NO_WORKER}`,
      `refuse ${Refusal.BAD_CALL}`,
      `refuse ${Refusal.BAD_CALL}`,
      `refuse ${Refusal.NO_WORKER}`,
    ]);
  });

  test('stopping', () => {
    stopping = true;
    dispatch.take(call(), caller);
    expect(log).toEqual(['close 40', `refuse ${Refusal.STOPPING}`]);
  });
});
