import type { Call, Plan } from '../../../supervisor/contract/call.js';
import type { Config } from '../../../supervisor/contract/config.js';
import type { ClientEnd, Explanation } from '../../../supervisor/contract/outcome.js';
import { INHERITED_BYTES } from '../../../supervisor/contract/wire.js';
import { createDispatch } from '../../../supervisor/dispatch.js';
import type { Caller, CallerEvents } from '../../../supervisor/intake/intake.js';
import type { Channel, SwitchedCall } from '../../../supervisor/native.js';
import type { Placed } from '../../../supervisor/placing/place.js';
import type { EndedCall } from '../../../supervisor/placing/record.js';
import type { Route } from '../../../supervisor/placing/rooms.js';
import type { Run } from '../../../supervisor/placing/run.js';
import type { Lease, Pool } from '../../../supervisor/pool/pool.js';
import type { SetupFailure } from '../../../supervisor/pool/report.js';
import type { TaskEvents } from '../../../supervisor/pool/tasks.js';
import type { Seen } from '../../../supervisor/router/lookups.js';
import { CallCounters } from '../../../supervisor/scheduler/counters.js';
import { DeclinedPrograms } from '../../../supervisor/scheduler/declined.js';
import { WaitingCalls } from '../../../supervisor/scheduler/queue.js';
import { FakeClock } from '../../lib/fake-clock.js';

/** A dispatch between fake rooms, for its tests. */

/** What a test may set before it begins. */
export const set = {
  clientHasGivenUp: false,
  stopping: false,
  isIdempotent: false,
  obstacle: undefined as string | undefined,
  plan: undefined as unknown as Plan,
  /** Undefined: the plan, contained. */
  placed: undefined as Placed | undefined,
  /** What a confined call finds for an exec pool. */
  confinedPool: undefined as FakePool | string | undefined,
  /** The pool that serves instead of any other; undefined: none does. */
  inItsPlace: undefined as FakePool | undefined,
};

/** Everything that happened, in order: what the tests are about. */
export let log: string[];
export let clock: FakeClock;
export let lastTask: TaskEvents;
export let callerEvents: CallerEvents;
export let ended: { end: ClientEnd; explanation: Explanation } | undefined;
export let refusal: string;
export let records: EndedCall[];
export let taught: { route: Route; raw: Buffer; start: Buffer; seen: Seen }[];

export class FakePool {
  freeSlots: number[] = [];
  isReady = true;
  begun: Buffer[] = [];
  canBegin = true;
  demand = 0;
  readonly target = {
    setWaiting: (calls: number) => {
      this.demand = calls;
    },
  };
  channel: Channel | undefined = {} as Channel;
  failure: SetupFailure | undefined;
  state = 'ready';
  closedBecause: string | undefined;
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
      layers: [],
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
  adopt(channel: Channel, id: number, { slot }: SwitchedCall, events: TaskEvents): Lease | undefined {
    log.push(`adopt ${id} ${this.spec.id}:${slot}`);
    lastTask = events;
    if (channel !== this.channel) return undefined;
    this.freeSlots = [slot, ...this.freeSlots];
    return this.lease();
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

export const firstConfig = {
  timeoutMs: 0,
  cancelGraceMs: 1,
  outputGraceMs: 1,
  outputMaxBytes: 1000,
  limits: { memoryMaxBytes: 77, pidsMax: 5 },
} as unknown as Config;
let config: Config;
export const reconfigure = (change: Partial<Config>): void => {
  config = { ...firstConfig, ...change };
};

export let exec: FakePool;
export let python: FakePool;
export let counters: CallCounters;
export let dispatch: ReturnType<typeof createDispatch>;

export const execPlan: Extract<Plan, { kind: 'exec' }> = {
  kind: 'exec',
  path: '/bin/x',
  argv: ['x'],
  env: [],
  reason: '',
  throughShell: false,
};
export const pythonPlan: Plan = {
  kind: 'interpreter',
  runtime: 'python',
  interpreter: '/usr/bin/python3',
  flags: [],
  startEnv: [],
  program: { mode: 'script', index: 1 },
  argv: ['python3', 'h.py'],
  env: [],
  fallback: { path: '/usr/bin/python3', argv: [], env: [] },
  throughShell: false,
};

export const caller: Caller = {
  setEvents: (events) => {
    callerEvents = events;
  },
  started: () => {
    log.push(set.clientHasGivenUp ? 'gave up' : 'STARTED');
    return !set.clientHasGivenUp;
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
  refuse: (code, message) => {
    log.push(`refuse ${code}`);
    refusal = message;
  },
  pauseStdin: () => log.push('pause'),
  resumeStdin: () => log.push('resume'),
  attempt: (step) => step(),
};

export function call(change: Partial<Call> = {}): Call {
  return {
    id: 1,
    raw: Buffer.from('the call'),
    argv: ['x'],
    env: [],
    cwd: '/',
    cwdFd: 40,
    isEvent: false,
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
    clientPid: 0,
    ...change,
  };
}

export const passTime = (ms: number): void => clock.pass(ms);

export function resetScene(): void {
  log = [];
  set.clientHasGivenUp = false;
  ended = undefined;
  set.stopping = false;
  set.isIdempotent = false;
  taught = [];
  records = [];
  set.obstacle = undefined;
  exec = new FakePool('exec');
  python = new FakePool('python');
  exec.freeSlots = [0, 1, 2];
  python.freeSlots = [5, 6];
  set.plan = execPlan;
  set.placed = undefined;
  set.confinedPool = undefined;
  set.inItsPlace = undefined;
  clock = new FakeClock();
  counters = new CallCounters();
  config = firstConfig;
  dispatch = createDispatch({
    clock,
    get config() {
      return config;
    },
    place: () =>
      set.placed ?? { kind: 'placed', plan: set.plan, confinement: undefined, isIdempotent: set.isIdempotent },
    execPool: (confinement) =>
      (confinement === undefined ? exec : (set.confinedPool ?? exec)) as unknown as Pool | string,
    warmPool: () => python as unknown as Pool,
    waiting: new WaitingCalls<Run>({ perPoolMax: 2, totalMax: 3 }),
    declined: new DeclinedPrograms(clock),
    counters,
    record: (record) => void records.push(record),
    enforced: () => ['session'],
    cannotInherit: () => set.obstacle,
    seen: () => ({ stamps: new Map([['/bin/x', 'f:1']]), isOver: false }),
    teach: (route, taughtCall, start, seen) => {
      taught.push({ route, raw: taughtCall.raw, start: start(), seen });
    },
    tell: ({ kind, about }) => log.push(`${kind} ${about}`),
    forgetRoutes: () => log.push('forget'),
    standIn: (pool) => (set.inItsPlace ?? pool) as unknown as Pool,
    closeFd: (fd) => log.push(`close ${fd}`),
    isStopping: () => set.stopping,
  });
}

export const answered = {
  kind: 'answered' as const,
  limit: undefined,
  exitCode: 2,
  signal: 0,
  runNs: 5e6,
  stdoutBytes: 0,
  stderrBytes: 0,
  memoryPeakBytes: 0,
  cpuUs: 0,
  throttledUs: 0,
  oomKills: 0,
  pidsMaxHits: 0,
  denialsTold: 0,
};
