/** The daemon is told to stop: nothing new is taken, what runs may finish, all rooms are closed. */
import type { DaemonLife } from './daemon-life.js';

export interface ShutdownRooms {
  life: DaemonLife;
  /** What is left of the daemon before this one is to end within the same time. */
  hurryPredecessor(budgetMs: number): void;
  /** It is told, and whoever was about to take over is ended. */
  begin(why: string): void;
  /** What the switchboard runs is to be waited for. */
  settle(): void;
  closeIntake(): void;
  activeCalls(): number;
  /** One after the other, each settled before the next. */
  closeRooms(why: string): readonly (() => unknown)[];
  leave(): void;
}

/** @returns what stops it. Who asks again can only make the time shorter. */
export function createStop(rooms: ShutdownRooms): (why: string, budgetMs: number) => Promise<void> {
  const { life } = rooms;
  return async (why, budgetMs) => {
    life.allow(budgetMs);
    rooms.hurryPredecessor(budgetMs);
    if (!life.input('stop')) return;
    rooms.begin(why);
    rooms.settle();
    rooms.closeIntake();
    await life.end(() => rooms.activeCalls() === 0, rooms.closeRooms(why));
    rooms.leave();
  };
}
