/** Whether a worker still lives: it is asked for a sign of life while it has nothing to do, and when an answer is not wanted any
 *  more, since whoever loops answers neither. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';

/** `asked`: a sign of life is due by the next look. `doubted`: it is due soon after the deadline of what was given up. `overdue`: for
 *  one more turn of the loop, since it may be we who stood still. */
export type LifeState = 'calm' | 'asked' | 'doubted' | 'overdue' | 'silent';

/** `idle`, `busy`: it is time for a look. */
export type LifeInput = 'idle' | 'busy' | 'givenUp' | 'sign' | 'due';

export const LIFE: Readonly<Record<LifeState, Readonly<Record<LifeInput, LifeState>>>> = {
  // One that works is bound by the deadline of its question, not by this.
  calm: { idle: 'asked', busy: 'calm', givenUp: 'doubted', sign: 'calm', due: 'calm' },
  asked: { idle: 'overdue', busy: 'overdue', givenUp: 'doubted', sign: 'calm', due: 'asked' },
  doubted: { idle: 'doubted', busy: 'doubted', givenUp: 'doubted', sign: 'calm', due: 'overdue' },
  overdue: { idle: 'overdue', busy: 'overdue', givenUp: 'overdue', sign: 'calm', due: 'silent' },
  silent: { idle: 'silent', busy: 'silent', givenUp: 'silent', sign: 'silent', due: 'silent' },
};

export interface LifeRooms {
  clock: Clock;
  isIdle(): boolean;
  ping(): void;
  /** Once. */
  silent(): void;
}

export class ResidentLife {
  private state: LifeState = 'calm';
  private dueAtMs = Number.POSITIVE_INFINITY;
  private undoDue = () => {};
  private undoLook = () => {};

  constructor(private readonly rooms: LifeRooms) {}

  /** From now on it is to give signs of life. */
  begin(): void {
    this.undoLook = this.rooms.clock.after(LIMITS.residentPingEveryMs, () => {
      this.begin();
      this.input(this.rooms.isIdle() ? 'idle' : 'busy');
    });
  }

  /** Nobody waits for an answer any more. Until its deadline it may be busy with it, but not for longer than any other. */
  givenUp(deadlineAtMs: number): void {
    const nowMs = this.rooms.clock.nowMs();
    const lastMs = nowMs + LIMITS.residentPingEveryMs;
    this.input('givenUp');
    if (this.state === 'doubted')
      this.dueBy(Math.min(Math.max(nowMs, deadlineAtMs) + LIMITS.residentLoopMaxMs, lastMs));
  }

  sign(): void {
    this.input('sign');
  }

  stop(): void {
    this.undoLook();
    this.undoDue();
  }

  private input(input: LifeInput): void {
    const before = this.state;
    this.state = LIFE[before][input];
    if (this.state === before) return;
    this.undoDue();
    this.dueAtMs = Number.POSITIVE_INFINITY;
    if (before === 'calm') this.rooms.ping();
    if (this.state === 'overdue') this.dueBy(this.rooms.clock.nowMs());
    if (this.state === 'silent') this.rooms.silent();
  }

  /** What was given up later never makes it later. */
  private dueBy(atMs: number): void {
    if (atMs >= this.dueAtMs) return;
    this.undoDue();
    this.dueAtMs = atMs;
    this.undoDue = this.rooms.clock.after(atMs - this.rooms.clock.nowMs(), () => this.input('due'));
  }
}
