/** The life of one call: plan -> place -> lease -> STARTED -> run -> outcome -> answer. One step per function, no policy:
 *  what is decided here follows from tables and bounds in contract/. */
import type { Call, CallPath, Plan } from './contract/call.js';
import type { Clock } from './contract/clock.js';
import type { Config } from './contract/config.js';
import { LIMITS } from './contract/limits.js';
import { clientEnd, type Explanation, type Outcome, type TaskUsage } from './contract/outcome.js';
import { Refusal, type RefusalCode, Stream } from './contract/wire.js';
import type { Caller } from './intake/intake.js';
import type { Channel, SwitchedCall } from './native.js';
import { encodeStart, execOrder, type Order, warmOrder } from './pool/order.js';
import type { Lease, Pool } from './pool/pool.js';
import { outcomeOf, type TaskEnd, usageOf } from './pool/report.js';
import type { TaskEvents } from './pool/tasks.js';
import type { Seen } from './router/lookups.js';
import { shellEnd } from './router/shell-end.js';
import { isWorthWaitingFor, type Refused, refusalOfCall, refusalOfPlan } from './scheduler/admission.js';
import type { CallCounters } from './scheduler/counters.js';
import type { DeclinedPrograms } from './scheduler/declined.js';
import { OutputFlow, StdinFlow } from './scheduler/flow.js';
import type { WaitingCalls } from './scheduler/queue.js';

export interface DispatchRooms {
  clock: Clock;
  config: Config;
  plan(call: Call): Plan;
  execPool: Pool;
  /** The pool of a warm interpreter, made on first sight; a string says why there is none. */
  warmPool(plan: Extract<Plan, { kind: 'interpreter' }>): Pool | string;
  waiting: WaitingCalls<Run>;
  declined: DeclinedPrograms;
  counters: CallCounters;
  enforced(lease: Lease): readonly string[];
  /** Why a process of ours could not take on this state of the caller's; undefined where it can. */
  cannotInherit(inherited: Buffer): string | undefined;
  /** Files that the plan just made depends on. */
  seen(): Seen;
  /** Teaches the switchboard. `start`: the START record of the call, without stdin. */
  teach(route: Route, call: Call, start: () => Buffer, seen: Seen): void;
  /** What it was taught is not right any more. */
  forgetRoutes(): void;
  closeFd(fd: number): void;
  isStopping(): boolean;
}

/** How a call is served. */
interface Way {
  plan: Plan;
  order: Order;
  path: CallPath;
  pool: Pool;
  /** Why not a faster path; '' where it took it. */
  why: string;
}

/** What the switchboard is taught with, and gives back with a call that it hands over. */
export interface Route extends Readonly<Way> {
  readonly channel: Channel;
}

/** One call on its way. */
interface Run extends Way {
  call: Call;
  caller: Caller;
  /** Files that the plan depends on; undefined where there is nothing to be learned from the call. */
  seen: Seen | undefined;
  stage: 'waiting' | 'running' | 'over';
  lease: Lease | undefined;
  startedSent: boolean;
  /** Bits of Stream: outputs that nobody reads any more. */
  readersGone: number;
  cancelSignal: number;
  attempts: number;
  stdin: StdinFlow;
  output: OutputFlow;
  undoTimer: () => void;
}

export type { Run };

const STREAMS = [Stream.STDOUT, Stream.STDERR];
const SIGTERM = 15;
const NOTHING = Buffer.alloc(0);

export function createDispatch(rooms: DispatchRooms) {
  const { clock, config, waiting, counters } = rooms;

  function take(call: Call, caller: Caller): void {
    counters.taken();
    const early = refusalOfCall(call, rooms.isStopping(), rooms.cannotInherit(call.inherited));
    if (early !== undefined) {
      refuse(call, caller, early);
      return;
    }
    const plan = rooms.plan(call);
    const chosen = choose(call, plan);
    const late = refusalOfPlan(plan, chosen.pool === rooms.execPool && chosen.pool.state === 'backoff');
    if (late !== undefined) {
      refuse(call, caller, late);
      return;
    }
    const run = newRun(call, caller, { plan, ...chosen }, rooms.seen());
    listen(run);
    if (run.stdin.offer(call.stdin, call.stdinComplete)) caller.pauseStdin();
    place(run);
  }

  /** A call that the switchboard has started, as it stands. */
  function takeOver(call: Call, caller: Caller, route: Route, at: SwitchedCall): void {
    counters.takenBySwitchboard();
    const run = newRun(call, caller, route, undefined);
    run.startedSent = true;
    run.attempts = 1;
    listen(run);
    run.stdin.offer(call.stdin, call.stdinComplete);
    while (run.stdin.next() !== undefined); // all of that is with the keeper
    if (at.ordinal === 0) {
      notStarted(run, 'gone');
      return;
    }
    run.stdin.taken(at.stdinTakenBytes);
    run.lease = run.pool.adopt(route.channel, call.id, at, taskEvents(run));
    run.stage = 'running';
    if (run.lease === undefined) taskEvents(run).lost();
    else credit(run, run.output.passed(at.outputBytes, at.queuedBytes === 0));
  }

  function refuse(call: Call, caller: Caller, { code, message }: Refused): void {
    rooms.closeFd(call.cwdFd);
    counters.refused();
    caller.refuse(code, message);
  }

  function choose(call: Call, plan: Plan): Omit<Way, 'plan'> {
    const exec = (why: string) => ({ order: execOrder(plan), path: 'exec' as const, pool: rooms.execPool, why });
    if (plan.kind === 'exec') return exec(plan.reason);
    if (rooms.declined.has(declineKey(call, plan))) return exec('the warm interpreter declined it lately');
    const pool = rooms.warmPool(plan);
    if (typeof pool === 'string') return exec(pool);
    if (!pool.isReady) return exec('the pool of this interpreter is not ready yet');
    return { order: warmOrder(plan), path: 'worker', pool, why: '' };
  }

  function place(run: Run): void {
    const lease = run.pool.lease();
    if (lease !== undefined) {
      start(run, lease);
      return;
    }
    if (!isWorthWaitingFor(run.pool.spec.runtime)) {
      toExec(run, 'no parked process of this interpreter is free');
      return;
    }
    run.stage = 'waiting';
    if (!waiting.add(run.pool.spec.id, run)) {
      giveUpPool(run, Refusal.QUEUE_FULL, 'too many calls are waiting');
      return;
    }
    run.pool.setDemand(waiting.waiting(run.pool.spec.id));
    run.undoTimer = clock.after(LIMITS.queueWaitMaxMs, () => {
      if (waiting.remove(run.pool.spec.id, run)) giveUpPool(run, Refusal.NO_WORKER, 'no worker came free in time');
    });
  }

  /** A pool without room: the exec pool is tried next, then the call ends. */
  function giveUpPool(run: Run, code: RefusalCode, message: string): void {
    if (run.pool !== rooms.execPool) {
      toExec(run, message);
      return;
    }
    if (run.startedSent) finish(run, { kind: 'crashed', message });
    else {
      over(run);
      counters.refused();
      run.caller.refuse(code, message);
    }
  }

  function toExec(run: Run, why: string): void {
    Object.assign(run, { order: execOrder(run.plan), path: 'exec', pool: rooms.execPool, why });
    place(run);
  }

  function start(run: Run, lease: Lease): void {
    run.undoTimer();
    const { call, caller } = run;
    // STARTED goes out before the order: a client that has given up by then runs the hook itself, and we must not.
    if (!run.startedSent && !caller.started()) {
      lease.pool.release(lease);
      over(run);
      counters.outcome('cancelled', run.path);
      return;
    }
    run.startedSent = true;
    const limits = { ...config, timeoutMs: remainingMs(call) };
    const first = run.stdin.next();
    const payload = encodeStart(call, run.order, first?.bytes ?? NOTHING, first?.last ?? false, limits);
    run.stage = 'running';
    run.lease = lease;
    run.pool = lease.pool; // a pool of the same name may have taken its place while the call waited
    run.attempts++;
    const sent = lease.pool.begin(lease, call.id, payload, call.cwdFd, taskEvents(run));
    if (!sent) {
      notStarted(run, 'gone');
      return;
    }
    feed(run);
    for (const stream of STREAMS) if (run.readersGone & stream) lease.pool.readerGone(call.id, stream);
    if (run.cancelSignal !== 0) lease.pool.cancel(call.id, run.cancelSignal);
  }

  function taskEvents(run: Run): TaskEvents {
    return {
      stdout: (bytes) => pass(run, bytes.length, run.caller.stdout(bytes)),
      stderr: (bytes) => pass(run, bytes.length, run.caller.stderr(bytes)),
      stdinTaken(bytes) {
        if (run.stdin.taken(bytes)) run.caller.resumeStdin();
        feed(run);
      },
      ended: (end) => ended(run, end),
      notStarted: (why) => notStarted(run, why),
      lost: () => finish(run, { kind: 'crashed', message: 'the keeper of this hook died while it ran' }),
    };
  }

  /** Sends what the window allows. */
  function feed(run: Run): void {
    for (let piece = run.stdin.next(); piece !== undefined; piece = run.stdin.next()) {
      run.pool.stdin(run.call.id, piece.bytes, piece.last);
    }
  }

  function remainingMs(call: Call): number {
    const timeoutMs = call.timeoutMs || config.timeoutMs;
    return timeoutMs === 0 ? 0 : Math.max(1, Math.ceil(timeoutMs - (clock.nowMs() - call.receivedAtMs)));
  }

  function pass(run: Run, bytes: number, taken: boolean): void {
    credit(run, run.output.passed(bytes, taken));
  }

  function credit(run: Run, bytes: number): void {
    if (bytes > 0 && run.stage === 'running') run.pool.outputTaken(run.call.id, bytes);
  }

  function listen(run: Run): void {
    const { call, caller } = run;
    const stdin = (bytes: Buffer, last: boolean) => {
      if (run.stdin.offer(bytes, last)) caller.pauseStdin();
      if (run.stage === 'running') feed(run);
    };
    caller.setEvents({
      stdin: (bytes) => stdin(bytes, false),
      stdinEnd: () => stdin(NOTHING, true),
      cancel(signal) {
        run.cancelSignal = signal;
        if (run.stage === 'running') run.pool.cancel(call.id, signal);
        else abandon(run);
      },
      readerGone(stream) {
        run.readersGone |= stream;
        if (run.stage === 'running') run.pool.readerGone(call.id, stream);
      },
      gone() {
        run.cancelSignal = SIGTERM;
        if (run.stage === 'running') run.pool.cancel(call.id, SIGTERM);
        else abandon(run);
      },
      drained: () => credit(run, run.output.drained()),
    });
  }

  /** Cancelled while it waited: it never runs. */
  function abandon(run: Run): void {
    if (run.stage !== 'waiting') return;
    waiting.remove(run.pool.spec.id, run);
    finish(run, { kind: 'cancelled', signal: run.cancelSignal });
  }

  function notStarted(run: Run, why: 'gone' | 'declined'): void {
    run.stage = 'waiting';
    run.lease = undefined;
    if (run.cancelSignal !== 0) {
      finish(run, { kind: 'cancelled', signal: run.cancelSignal });
      return;
    }
    if (!run.stdin.restart() || run.attempts > LIMITS.notStartedRetriesMax) {
      finish(run, { kind: 'crashed', message: 'no worker could start this hook' });
      return;
    }
    if (why === 'declined' && run.plan.kind === 'interpreter') {
      rooms.declined.add(declineKey(run.call, run.plan));
      rooms.forgetRoutes();
      toExec(run, 'declined by the warm interpreter');
    } else place(run);
  }

  function ended(run: Run, end: TaskEnd): void {
    const limitValues = {
      memory: config.limits.memoryMaxBytes,
      pids: config.limits.pidsMax,
      output: config.outputMaxBytes,
      cpu: config.limits.cpuTimeMaxMs,
      totalMemory: config.limits.totalMemoryMaxBytes,
    };
    finish(run, asItsShell(run, outcomeOf(end, run.cancelSignal || SIGTERM, limitValues)), usageOf(end));
  }

  /** A shell text whose shell was not run: a killed command ends as that shell would have ended. */
  function asItsShell(run: Run, outcome: Outcome): Outcome {
    if (!run.plan.throughShell || outcome.kind !== 'answered' || outcome.signal === 0) return outcome;
    const { exitCode, stderr } = shellEnd(outcome.signal);
    if (stderr !== '') run.caller.stderr(Buffer.from(stderr));
    return { kind: 'answered', exitCode, signal: 0 };
  }

  function finish(run: Run, outcome: Outcome, usage: TaskUsage | null = null): void {
    if (run.stage === 'over') return;
    const { lease, call } = run;
    const explanation: Explanation = {
      path: run.path,
      runtime: run.pool.spec.runtime,
      pid: lease?.pid || null,
      slot: lease?.slot ?? null,
      generation: lease?.generation ?? null,
      outcome: outcome.kind,
      milliseconds: Math.round((clock.nowMs() - call.receivedAtMs) * 1000) / 1000,
      enforced: lease === undefined ? [] : rooms.enforced(lease),
      usage,
      why: run.why,
    };
    run.caller.end(clientEnd(outcome, call.blocking ? 2 : 1), explanation);
    over(run);
    counters.outcome(outcome.kind, run.path);
    if (outcome.kind === 'answered') teach(run);
  }

  /** After the plain end of a call that went the way it was planned to go at once. */
  function teach({ call, plan, order, path, pool, why, attempts, seen }: Run): void {
    const isAsPlanned = attempts === 1 && (plan.kind === 'exec' || path === 'worker');
    const channel = pool.channel;
    if (!isAsPlanned || seen === undefined || channel === undefined) return;
    const limits = { ...config, timeoutMs: call.timeoutMs || config.timeoutMs };
    const start = () => encodeStart(call, order, NOTHING, true, limits);
    rooms.teach({ plan, order, path, pool, why, channel }, call, start, seen);
  }

  function over(run: Run): void {
    run.undoTimer();
    run.stage = 'over';
    rooms.closeFd(run.call.cwdFd);
  }

  /** A worker has come free, or a pool has changed: the longest-waiting calls go on. */
  function available(pool: Pool): void {
    const id = pool.spec.id;
    while (waiting.waiting(id) > 0) {
      const lease = pool.lease();
      if (lease === undefined) break;
      const run = waiting.next(id);
      if (run === undefined) {
        pool.release(lease);
        break;
      }
      start(run, lease);
    }
    pool.setDemand(waiting.waiting(id));
  }

  return { take, takeOver, available };
}

function newRun(call: Call, caller: Caller, way: Readonly<Way>, seen: Seen | undefined): Run {
  const { plan, order, path, pool, why } = way;
  return {
    ...{ call, caller, plan, order, path, pool, why, seen },
    stage: 'waiting',
    lease: undefined,
    startedSent: false,
    readersGone: call.readersGone,
    cancelSignal: 0,
    attempts: 0,
    stdin: new StdinFlow(),
    output: new OutputFlow(),
    undoTimer: () => {},
  };
}

function declineKey(call: Call, plan: Extract<Plan, { kind: 'interpreter' }>): string {
  const { interpreter, flags, startEnv, program, argv } = plan;
  return [interpreter, ...flags, ...startEnv, program.mode, call.cwd, argv[program.index]].join('\0');
}
