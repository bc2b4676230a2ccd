/** The life of one call: plan -> place -> lease -> STARTED -> run -> outcome -> answer. One step per function, no policy:
 *  what is decided here follows from tables and bounds in contract/. */
import type { Call, Plan } from './contract/call.js';
import { LIMITS } from './contract/limits.js';
import { clientEnd, type Outcome } from './contract/outcome.js';
import { Refusal, type RefusalCode, Stream } from './contract/wire.js';
import type { Caller } from './intake/intake.js';
import type { SwitchedCall } from './native.js';
import { type Admitted, admit } from './placing/admit.js';
import { asItsShell, explanationOf, limitValues, whyNoneParked } from './placing/explain.js';
import { handlerOf } from './placing/handler.js';
import { recordOfRefusal, recordOfRun } from './placing/record.js';
import type { DispatchRooms, Route } from './placing/rooms.js';
import { newRun, type Run } from './placing/run.js';
import { declineKey, execWay } from './placing/way.js';
import { encodeStart } from './pool/order.js';
import type { Lease, Pool } from './pool/pool.js';
import { outcomeOf, type TaskEnd } from './pool/report.js';
import type { TaskEvents } from './pool/tasks.js';
import { heldTo, type Refused, whyNotWaitFor } from './scheduler/admission.js';
import { allowedMs, timeoutLeftMs } from './scheduler/deadline.js';
import { LOSS_TOLD, lossOf } from './scheduler/loss.js';

const STREAMS = [Stream.STDOUT, Stream.STDERR];
const SIGTERM = 15;
const NOTHING = Buffer.alloc(0);

export function createDispatch(rooms: DispatchRooms) {
  const { clock, waiting, counters } = rooms;
  let held = 0;

  function take(call: Call, caller: Caller): void {
    const admitted = admitOrClose(call, caller);
    if (admitted.kind === 'later') {
      hold(call, caller, admitted.known);
      return;
    }
    counters.taken();
    if (admitted.kind === 'refused') {
      rooms.closeFd(call.cwdFd);
      tellRefused(call, caller, admitted.plan, admitted.refused);
      return;
    }
    const { run } = admitted;
    listen(run);
    if (run.stdin.offer(call.stdin, call.stdinComplete)) caller.pauseStdin();
    place(run);
  }

  /** After a mistake of ours nobody else would close its folder: only a run is told when its client goes. */
  function admitOrClose(call: Call, caller: Caller): Admitted {
    try {
      return admit(call, caller, held < LIMITS.callsBeforeProbeMax, rooms);
    } catch (error) {
      rooms.closeFd(call.cwdFd);
      throw error;
    }
  }

  /** Until it is known what the host can do: nothing of the call is read meanwhile. */
  function hold(call: Call, caller: Caller, known: Promise<void>): void {
    held++;
    caller.pauseStdin();
    void known.then(() => {
      held--;
      caller.resumeStdin();
      caller.attempt(() => take(call, caller));
    });
  }

  /** A call that the switchboard has started, as it stands. */
  function takeOver(call: Call, caller: Caller, route: Route, at: SwitchedCall): void {
    counters.takenBySwitchboard();
    const run = newRun(call, caller, route, undefined);
    run.startedSent = true;
    run.isSwitched = true;
    run.attempts = 1;
    listen(run);
    run.stdin.offer(call.stdin, call.stdinComplete);
    while (run.stdin.next() !== undefined); // all of that is with the keeper
    if (at.ordinal === 0) {
      notStarted(run, 'gone');
      return;
    }
    run.hasOutput = at.outputBytes > 0;
    run.stdin.taken(at.stdinTakenBytes);
    run.lease = run.pool.adopt(route.channel, call.id, at, taskEvents(run));
    run.stage = 'running';
    if (run.lease === undefined) taskEvents(run).lost();
    else credit(run, run.output.passed(at.outputBytes, at.queuedBytes === 0));
  }

  function tellRefused(call: Call, caller: Caller, plan: Plan | undefined, refused: Refused): void {
    counters.refused(refused.code);
    caller.refuse(refused.code, refused.message);
    rooms.record(recordOfRefusal(call, plan, refused, ageMs(call)), undefined);
  }

  function place(run: Run): void {
    run.pool = rooms.standIn(run.pool);
    const lease = run.pool.lease();
    if (lease !== undefined) {
      start(run, lease);
      return;
    }
    const why = run.pool.closedBecause ?? whyNotWaitFor(run.pool.spec.runtime);
    if (why !== undefined) {
      giveUpPool(run, Refusal.NO_WORKER, why);
      return;
    }
    run.stage = 'waiting';
    if (!waiting.add(run.pool.spec.id, run)) {
      giveUpPool(run, Refusal.QUEUE_FULL, 'too many calls are waiting');
      return;
    }
    run.pool.target.setWaiting(waiting.waiting(run.pool.spec.id));
    const leftMs = run.deadlineAtMs - clock.nowMs();
    const isLastWait = leftMs <= LIMITS.queueWaitMaxMs;
    run.undoTimer = clock.after(isLastWait ? Math.max(0, leftMs) : LIMITS.queueWaitMaxMs, () => {
      if (!waiting.remove(run.pool.spec.id, run)) return;
      if (!isLastWait) giveUpPool(run, Refusal.NO_WORKER, 'no worker came free in time');
      else endUnstarted(run, commit(run));
    });
  }

  /** STARTED, once. False: the client has given up by then and runs the hook itself, so we must not. */
  function commit(run: Run): boolean {
    run.startedSent ||= run.caller.started();
    return run.startedSent;
  }

  /** The client has given up, or the deadline has come: told as STARTED all the same, it is too late for a direct run, too. */
  function endUnstarted(run: Run, isCommitted: boolean): void {
    if (isCommitted) {
      finish(run, { kind: 'timedOut', afterMs: limitValues(run).timeoutMs });
      return;
    }
    over(run);
    account(run, { kind: 'cancelled', signal: 0 });
  }

  /** A pool without room: the exec pool is tried next, then the call ends. */
  function giveUpPool(run: Run, code: RefusalCode, message: string): void {
    if (run.path !== 'exec') {
      toExec(run, message);
      return;
    }
    refuseRun(run, code, run.confinement === undefined ? message : `${message}: ${whyNoneParked(run.pool)}`);
  }

  /** Its hook has not begun, whatever STARTED has announced; but for one that did and was to be run again. */
  function refuseRun(run: Run, code: RefusalCode, message: string): void {
    if (run.wasRetried) {
      finish(run, { kind: 'crashed', message });
      return;
    }
    over(run);
    tellRefused(run.call, run.caller, run.plan, heldTo(run.confinement?.level ?? 'contained', { code, message }));
  }

  function toExec(run: Run, why: string): void {
    const way = execWay(run.plan, run.confinement, why, false, rooms);
    if (typeof way === 'string') {
      refuseRun(run, Refusal.NO_WORKER, way);
      return;
    }
    Object.assign(run, way);
    place(run);
  }

  function start(run: Run, lease: Lease): void {
    run.undoTimer();
    const { call } = run;
    const timeoutMs = timeoutLeftMs(run.deadlineAtMs, clock.nowMs());
    const isCommitted = commit(run); // before the order goes out
    if (!isCommitted || timeoutMs === undefined) {
      lease.pool.release(lease);
      endUnstarted(run, isCommitted);
      return;
    }
    const limits = { ...run.config, timeoutMs };
    const first = run.stdin.next();
    const payload = encodeStart(call, run.order, first?.bytes ?? NOTHING, first?.last ?? false, limits);
    run.stage = 'running';
    run.lease = lease;
    run.pool = lease.pool; // a pool of the same name may have taken its place while the call waited
    run.attempts++;
    const sent = lease.pool.begin(lease, call.id, payload, [call.cwdFd], taskEvents(run));
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
      lost: () => lost(run),
      kicked: (end) => finish(run, { kind: 'crashed', message: 'the operator ended this hook (supervisor kick)' }, end),
    };
  }

  /** Sends what the window allows. */
  function feed(run: Run): void {
    for (let piece = run.stdin.next(); piece !== undefined; piece = run.stdin.next()) {
      run.pool.stdin(run.call.id, piece.bytes, piece.last);
    }
  }

  function pass(run: Run, bytes: number, taken: boolean): void {
    run.hasOutput = true;
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
      refuseRun(run, Refusal.NO_WORKER, 'no worker could start this hook');
      return;
    }
    if (why === 'declined' && run.plan.kind === 'interpreter') {
      rooms.declined.add(declineKey(run.call, run.plan));
      rooms.forgetRoutes();
      toExec(run, 'declined by the warm interpreter');
    } else place(run);
  }

  /** Its keeper died with it. */
  function lost(run: Run): void {
    const loss = lossOf({ ...run, isCancelled: run.cancelSignal !== 0, canRestart: run.stdin.canRestart });
    const told = LOSS_TOLD[loss];
    const about = `${handlerOf(run.call, run.plan)}: ${told?.what}`;
    if (told !== undefined) rooms.tell({ kind: told.kind, pool: run.pool.spec.id, about });
    if (loss === 'retry') {
      run.wasRetried = true;
      notStarted(run, 'gone');
    } else finish(run, { kind: 'crashed', message: 'the keeper of this hook died while it ran' });
  }

  function ended(run: Run, end: TaskEnd): void {
    finish(run, asItsShell(run, outcomeOf(end, run.cancelSignal || SIGTERM, limitValues(run))), end);
  }

  function finish(run: Run, outcome: Outcome, end?: TaskEnd): void {
    if (run.stage === 'over') return;
    const { lease, call } = run;
    const explanation = explanationOf(run, outcome, end, lease === undefined ? [] : rooms.enforced(lease), ageMs(call));
    const told = clientEnd(outcome, call.blocking ? 2 : 1);
    const hasBegun = lease !== undefined || run.wasRetried;
    run.caller.end(hasBegun ? told : { ...told, isUnstarted: true }, explanation);
    over(run);
    account(run, outcome, end);
    if (outcome.kind === 'answered') teach(run);
  }

  function account(run: Run, outcome: Outcome, end?: TaskEnd): void {
    counters.outcome(outcome.kind, run.path);
    rooms.record(recordOfRun(run, outcome, end, ageMs(run.call)), run.pool);
  }

  /** To the microsecond: more is noise. */
  function ageMs({ receivedAtMs }: Call): number {
    return Math.round((clock.nowMs() - receivedAtMs) * 1000) / 1000;
  }

  /** After the plain end of a call that went the way it was planned to go at once. */
  function teach({ call, attempts, seen, ...way }: Run): void {
    const { plan, confinement, order, path, pool, why, isSettled, isIdempotent, config } = way;
    const channel = pool.channel;
    if (attempts !== 1 || !isSettled || seen === undefined || channel === undefined || call.raw.length === 0) return;
    const limits = { ...config, timeoutMs: allowedMs(call, config) };
    const start = () => encodeStart(call, order, NOTHING, true, limits);
    const known = { plan, confinement, order, path, pool, why, isSettled, isIdempotent, config };
    const route = { ...known, channel, handler: handlerOf(call, plan) };
    rooms.teach(route, call, start, seen);
  }

  function over(run: Run): void {
    run.undoTimer();
    run.stage = 'over';
    rooms.closeFd(run.call.cwdFd);
  }

  /** A worker has come free, or a pool has changed: the longest-waiting calls go on. */
  function available(pool: Pool): void {
    if (pool.spec.isForResidents === true) return; // its workers are waited for elsewhere
    const id = pool.spec.id;
    if (pool.closedBecause !== undefined) giveUpWaiting(id, pool.closedBecause);
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
    pool.target.setWaiting(waiting.waiting(id));
  }

  /** Nothing will come free for a while. */
  function giveUpWaiting(id: string, why: string): void {
    for (let run = waiting.next(id); run !== undefined; run = waiting.next(id)) {
      run.undoTimer();
      giveUpPool(run, Refusal.NO_WORKER, why);
    }
  }

  /** The pools have gone: what had not begun when its keeper went has come back to wait, and no pool is left that could end that. */
  function refuseWaiting(): void {
    for (const run of waiting.takeAll()) refuseRun(run, Refusal.STOPPING, 'the supervisor is stopping');
  }

  return { take, takeOver, available, refuseWaiting, heldCount: () => held };
}
