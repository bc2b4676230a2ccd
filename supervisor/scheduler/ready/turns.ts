/** Waiters that take turns: each is served once in a round, within a round the one with the earliest deadline first. So one that
 *  holds ever so many tasks, or such with ever so early deadlines, delays another by one task in each round, and where every
 *  waiter holds one task they go by deadline alone. This is start-time fair queueing with tasks of equal cost: what a task
 *  will cost is not known before, and a worker that is busy with a long one holds up its own validator only. */
import { LIMITS } from '../../contract/limits.js';
import { type Entry, isDueBefore, type ReadyTask } from './entry.js';
import { type Place, PlacedHeap } from './heap.js';

/** Holds tasks, and knows the one that goes first; none: it holds none that may go. */
export interface Headed<Task extends ReadyTask> {
  readonly head: Entry<Task> | undefined;
}

interface Waiter<Child> {
  child: Child;
  /** In which it is served next. */
  round: number;
  place: Place<Waiter<Child>> | undefined;
}

const NOBODY: ReadonlySet<string> = new Set();

export class Turns<Task extends ReadyTask, Child extends Headed<Task>> implements Headed<Task> {
  private readonly waiters = new Map<string, Waiter<Child>>();
  private readonly next = new PlacedHeap<Waiter<Child>>(isServedBefore);
  /** Have been served in this round, and hold nothing since: they do not enter it twice. */
  private readonly servedAndGone = new Set<string>();
  private round = 0;

  constructor(
    private readonly makeChild: () => Child,
    /** Those that are passed over for now. */
    private readonly held: ReadonlySet<string> = NOBODY,
  ) {}

  get head(): Entry<Task> | undefined {
    return this.next.first?.child.head;
  }

  childOf(key: string): Child | undefined {
    return this.waiters.get(key)?.child;
  }

  /** For one more task: `changed` is to be told once it is there. */
  childFor(key: string): Child {
    const known = this.waiters.get(key);
    if (known !== undefined) return known.child;
    const waiter = { child: this.makeChild(), round: this.roundToEnter(key), place: undefined };
    this.waiters.set(key, waiter);
    return waiter.child;
  }

  /** Its first task has been taken in its turn: `changed` is to be told, too. */
  served(key: string): void {
    const waiter = this.waiters.get(key);
    if (waiter === undefined) return;
    if (waiter.round > this.round) this.servedAndGone.clear();
    this.round = waiter.round;
    waiter.round++;
  }

  /** Its tasks, or whether it is held, are no longer what they were. */
  changed(key: string): void {
    const waiter = this.waiters.get(key);
    if (waiter === undefined) return;
    const isServable = waiter.child.head !== undefined && !this.held.has(key);
    if (waiter.place !== undefined) {
      if (isServable) this.next.moved(waiter.place);
      else this.next.remove(waiter.place);
      if (!isServable) waiter.place = undefined;
    } else if (isServable) {
      waiter.round = Math.max(waiter.round, this.round); // no turns are saved up while it is held
      waiter.place = this.next.add(waiter);
    }
    if (waiter.child.head === undefined) this.forget(key, waiter);
  }

  private forget(key: string, { round }: Waiter<Child>): void {
    this.waiters.delete(key);
    if (round > this.round && this.servedAndGone.size < LIMITS.turnsRememberedMax) this.servedAndGone.add(key);
  }

  /** Who comes while a round is on enters it. Once more have left it than are remembered nobody does, so that it ends. */
  private roundToEnter(key: string): number {
    const mustWait = this.servedAndGone.size >= LIMITS.turnsRememberedMax || this.servedAndGone.has(key);
    return mustWait ? this.round + 1 : this.round;
  }
}

function isServedBefore(a: Waiter<Headed<ReadyTask>>, b: Waiter<Headed<ReadyTask>>): boolean {
  if (a.round !== b.round) return a.round < b.round;
  return a.child.head !== undefined && b.child.head !== undefined && isDueBefore(a.child.head, b.child.head);
}
