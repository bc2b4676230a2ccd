/** The end of a daemon that another has taken over from: what it has accepted it answers, then it goes. */
import type { Restarted } from '../contract/changes.js';
import type { Clock } from '../contract/clock.js';
import type { Tell } from '../contract/happening.js';
import { LIMITS } from '../contract/limits.js';
import type { DaemonLife } from './daemon-life.js';
import { NOT_NOW } from './daemon-state.js';
import type { StartedSuccessor, Successor } from './successor.js';

const LOOK_EVERY_MS = 10;
/** What a daemon takes to end once its hooks have. */
const CLOSE_BUDGET_MS = LIMITS.stopBudgetMs - LIMITS.drainBudgetMs;
const MORE_IN_LOG = 'its log, daemon.log, may say more; this daemon serves as before';

/** Whoever waits for this process would take its end for that of the daemon. */
export const ATTACHED = {
  why: 'it was not started by `up -d`: who waits for it (a terminal, a service manager, a container) would take its end for a stop',
  remedy: 'restart it by what has started it, or run: supervisor restart --cold',
};
export const TOO_MANY = {
  why: `${LIMITS.replacedDaemonsMax} daemons before this one still run hooks`,
  remedy: 'try again when one of them has ended, or run: supervisor restart --cold',
};

export interface HandOverRooms {
  clock: Clock;
  life: DaemonLife;
  tell: Tell;
  /** Why nothing can be handed over here, with what to do instead. */
  obstacle(): { why: string; remedy: string } | undefined;
  startSuccessor(): Promise<StartedSuccessor>;
  /** The attempt has failed: what it may have taken is ours again. */
  takeBack(): void;
  /** From here on nothing new is taken. */
  stopListening(): void;
  /** Calls that have no task yet: clients that have not said what they want, and what waits. */
  callsToCome(): number;
  /** Settled when no task is left. */
  drained(): Promise<void>;
  /** The daemon that we have taken over from still runs hooks. */
  hasPredecessor(): boolean;
  /** What is left of it is to end within this budget. */
  hurryPredecessor(budgetMs: number): void;
  /** All rooms but those that the successor has; one after the other, each settled before the next. */
  closeRooms(): readonly (() => unknown)[];
  leave(): void;
}

export function createHandOver(rooms: HandOverRooms): () => Promise<Restarted> {
  const { clock, life, tell } = rooms;

  /** It was told to hurry when we were. */
  async function predecessorEnds(): Promise<void> {
    const latestMs = clock.nowMs() + CLOSE_BUDGET_MS;
    while (rooms.hasPredecessor() && clock.nowMs() < latestMs) {
      await new Promise<void>((done) => void clock.after(LOOK_EVERY_MS, done));
    }
  }

  async function end(successor: Successor): Promise<void> {
    life.allow(LIMITS.replacedDrainMaxMs);
    successor.onHurry((budgetMs) => {
      rooms.hurryPredecessor(budgetMs);
      life.allow(budgetMs);
    });
    let isDrained: boolean | undefined;
    const isEmpty = () => {
      // Pools go once no call is to come any more that could want one.
      if (isDrained === undefined && rooms.callsToCome() === 0) {
        isDrained = false;
        void rooms.drained().then(() => {
          isDrained = true;
        });
      }
      // The one before would take our end for a crash, and nobody else can tell it to hurry.
      return isDrained === true && !rooms.hasPredecessor();
    };
    await life.end(isEmpty, [() => predecessorEnds(), ...rooms.closeRooms()]);
    rooms.leave();
  }

  return async () => {
    const obstacle = rooms.obstacle();
    if (obstacle !== undefined) return { ok: false, ...obstacle };
    if (!life.input('restart')) return { ok: false, why: NOT_NOW[life.state], remedy: '' };
    const started = await rooms.startSuccessor();
    if (!started.ok || !life.input('succeeded')) {
      rooms.takeBack();
      const goesOn = life.input('notSucceeded');
      const why = started.ok || !goesOn ? NOT_NOW[life.state] : started.why;
      tell({
        kind: 'notReplaced',
        about: `the new daemon did not take over${goesOn ? ', this one goes on' : ''}: ${why}`,
      });
      return { ok: false, why, remedy: goesOn ? MORE_IN_LOG : '' };
    }
    const { successor } = started;
    tell({ kind: 'replaced', about: `a new daemon has taken over, pid ${successor.pid}` });
    rooms.stopListening();
    void end(successor);
    return { ok: true, pid: successor.pid };
  };
}
