/** The end of a daemon that another has taken over from: what it has accepted it answers, then it goes. */

import type { Restarted } from '../contract/changes.js';
import type { Clock } from '../contract/clock.js';
import type { Tell } from '../contract/happening.js';
import { LIMITS } from '../contract/limits.js';
import type { StartedSuccessor, Successor } from './successor.js';

const LOOK_EVERY_MS = 10;
/** What a daemon takes to end once its hooks have. */
const CLOSE_BUDGET_MS = LIMITS.stopBudgetMs - LIMITS.drainBudgetMs;

export interface HandOverRooms {
  clock: Clock;
  tell: Tell;
  /** Why nothing can be handed over here, with what to do instead. */
  obstacle(): { why: string; remedy: string } | undefined;
  startSuccessor(): Promise<StartedSuccessor>;
  /** This daemon is to end, and what it has begun with it. */
  isStopping(): boolean;
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
  /** All rooms but those that the successor has. */
  close(): Promise<void>;
}

export interface HandOver {
  restart(): Promise<Restarted>;
  isUnderWay(): boolean;
  /** What is left after a restart ends within this budget. */
  hurry(budgetMs: number): void;
}

export function createHandOver(rooms: HandOverRooms): HandOver {
  const { clock, tell } = rooms;
  let isUnderWay = false;

  let isHurried = false;

  function hurry(budgetMs: number): void {
    clock.after(budgetMs, () => {
      isHurried = true;
    });
  }

  async function end(successor: Successor): Promise<void> {
    successor.onHurry((budgetMs) => {
      rooms.hurryPredecessor(budgetMs);
      hurry(budgetMs);
    });
    const latestMs = clock.nowMs() + LIMITS.replacedDrainMaxMs;
    const isOver = () => isHurried || clock.nowMs() >= latestMs;
    const until = async (isSo: () => boolean, isEnough: () => boolean = isOver) => {
      while (!isSo() && !isEnough()) await new Promise<void>((done) => void clock.after(LOOK_EVERY_MS, done));
    };
    await until(() => rooms.callsToCome() === 0);
    let isDrained = false;
    void rooms.drained().then(() => {
      isDrained = true;
    });
    await until(() => isDrained);
    // It would take our end for a crash, and nobody else can tell it to hurry.
    await until(() => !rooms.hasPredecessor());
    const closedBeforeMs = clock.nowMs() + CLOSE_BUDGET_MS;
    await until(
      () => !rooms.hasPredecessor(),
      () => clock.nowMs() >= closedBeforeMs,
    );
    await rooms.close();
  }

  async function restart(): Promise<Restarted> {
    const obstacle = rooms.obstacle();
    if (obstacle !== undefined) return { ok: false, ...obstacle };
    if (isUnderWay) return { ok: false, why: 'another restart is under way', remedy: '' };
    isUnderWay = true;
    const started = await rooms.startSuccessor();
    if (rooms.isStopping()) return { ok: false, why: 'it was told to stop meanwhile', remedy: '' };
    if (!started.ok) {
      rooms.takeBack();
      isUnderWay = false;
      tell({ kind: 'notReplaced', about: `the new daemon did not take over, this one goes on: ${started.why}` });
      return { ok: false, why: started.why, remedy: 'its log, daemon.log, may say more; this daemon serves as before' };
    }
    const { successor } = started;
    tell({ kind: 'replaced', about: `a new daemon has taken over, pid ${successor.pid}` });
    rooms.stopListening();
    void end(successor);
    return { ok: true, pid: successor.pid };
  }

  return { restart, isUnderWay: () => isUnderWay, hurry };
}
