/** Gathers tasks of one validator into batches. No task is held longer than `maxWaitMs`, none so long that its deadline is in
 *  danger, and a `critical` one not at all: it leaves at once, with others of its kind only, since it would wait for all that is
 *  answered along with it. How long the others are held is the strategy:
 *
 *  - `time`: all that came within `maxWaitMs` of the first leave together, in batches of `maxBatchSize`.
 *  - `size`: a batch leaves as soon as it is full.
 *  - `affinity`: as `size`, each affinity key by itself.
 *  - `adaptive`: nothing is held while no batch is out; else as `size`, where full is what has lately been answered in time.
 *  - `deadline`: as `size`, and a task is held for a small part of its time only, so one in a hurry is held less.
 *
 *  Pure: moments are handed in. */
import { LIMITS } from '../contract/limits.js';
import type { BatchRule, BatchStrategy, Priority } from '../contract/validating.js';
import { Sizer } from './batching/sizer.js';
import { type Place, PlacedHeap } from './ready/heap.js';

export interface BatchItem {
  /** No two in one batcher have the same. */
  id: string;
  priority: Priority;
  deadlineAtMs: number;
  /** '' where nothing is to be kept together. */
  affinityKey: string;
}

/** Of the time that is left to a task when the batch has been answered, the part for which it may be held. */
const HELD_PART: Readonly<Record<BatchStrategy, number>> = {
  time: 1 / 2,
  size: 1 / 2,
  affinity: 1 / 2,
  adaptive: 1 / 2,
  deadline: 1 / 16,
};
/** Of the newest batch, in the average of how long one takes. */
const NEWEST_PART = 0.2;

interface Group<Item> {
  key: string;
  items: Map<string, Item>;
  leavesAtMs: number;
  place: Place<Group<Item>> | undefined;
}

export interface BatcherRules extends BatchRule {
  /** How many batches are answered side by side. */
  workers: number;
  /** In which an adaptive batch is to be answered. */
  targetMs: number;
}

export class Batcher<Item extends BatchItem> {
  private readonly groups = new Map<string, Group<Item>>();
  private readonly groupOf = new Map<string, Group<Item>>();
  private readonly leaving = new PlacedHeap<Group<Item>>((a, b) => a.leavesAtMs < b.leavesAtMs);
  private readonly sizer: Sizer;
  private usuallyTakesMs = 0;
  private out = 0;

  constructor(private rules: BatcherRules) {
    this.sizer = new Sizer(rules.maxBatchSize, rules.targetMs);
  }

  /** For what comes from now on; what is held already leaves when it was to leave. */
  adjust(rules: BatcherRules): void {
    this.rules = rules;
    this.sizer.sizeMax = rules.maxBatchSize;
  }

  /** Tasks that are held. */
  get size(): number {
    return this.groupOf.size;
  }

  /** When `due` has something to hand out; Infinity: not before something else happens. */
  get nextLookAtMs(): number {
    return this.leaving.first?.leavesAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** False: it holds too many. */
  add(item: Item, nowMs: number): boolean {
    if (this.groupOf.has(item.id)) throw new Error(`task ${item.id} is held already`);
    if (this.size >= LIMITS.batchedTasksMax) return false;
    const group = this.groupFor(item);
    group.items.set(item.id, item);
    this.groupOf.set(item.id, group);
    this.leaves(group, this.mayLeaveNow(group, item) ? nowMs : nowMs + this.heldMs(item, nowMs));
    return true;
  }

  /** Undefined: it is held no longer. */
  remove(id: string): Item | undefined {
    const group = this.groupOf.get(id);
    const item = group?.items.get(id);
    if (group === undefined) return undefined;
    group.items.delete(id);
    this.groupOf.delete(id);
    if (group.items.size === 0) this.forget(group);
    return item;
  }

  /** Batches that leave now: they are out until `ended`, or `dropped`, is told of each. */
  due(nowMs: number): Item[][] {
    const batches: Item[][] = [];
    for (let group = this.leaving.first; group !== undefined; group = this.leaving.first) {
      if (group.leavesAtMs > nowMs) break;
      this.forget(group);
      const items = [...group.items.values()];
      for (const { id } of items) this.groupOf.delete(id);
      for (let at = 0; at < items.length; at += this.fullSize) batches.push(items.slice(at, at + this.fullSize));
    }
    this.out += batches.length;
    return batches;
  }

  /** A batch of so many has been answered, or has failed. */
  ended(size: number, tookMs: number, nowMs: number): void {
    this.usuallyTakesMs += (tookMs - this.usuallyTakesMs) * NEWEST_PART;
    this.sizer.ended(size, tookMs);
    this.dropped(nowMs);
  }

  /** A batch that has never come to a worker. */
  dropped(nowMs: number): void {
    this.out--;
    if (this.rules.strategy !== 'adaptive' || !this.hasIdleWorker) return;
    for (const group of this.groups.values()) this.leaves(group, nowMs);
  }

  private get fullSize(): number {
    return this.rules.strategy === 'adaptive' ? this.sizer.size : this.rules.maxBatchSize;
  }

  private get hasIdleWorker(): boolean {
    return this.out < this.rules.workers;
  }

  private mayLeaveNow({ items }: Group<Item>, { priority }: Item): boolean {
    if (priority === 'critical') return true;
    if (this.rules.strategy === 'time') return false;
    return items.size >= this.fullSize || (this.rules.strategy === 'adaptive' && this.hasIdleWorker);
  }

  private heldMs({ deadlineAtMs }: Item, nowMs: number): number {
    const spareMs = Math.max(0, deadlineAtMs - nowMs - this.usuallyTakesMs);
    return Math.min(this.rules.maxWaitMs, spareMs * HELD_PART[this.rules.strategy]);
  }

  private groupFor({ priority, affinityKey }: Item): Group<Item> {
    const together = this.rules.strategy === 'affinity' ? affinityKey : '';
    const key = `${priority === 'critical' ? 'critical' : 'other'} ${together}`;
    const group = this.groups.get(key) ?? {
      key,
      items: new Map(),
      leavesAtMs: Number.POSITIVE_INFINITY,
      place: undefined,
    };
    this.groups.set(key, group);
    return group;
  }

  private leaves(group: Group<Item>, atMs: number): void {
    if (atMs >= group.leavesAtMs) return;
    group.leavesAtMs = atMs;
    if (group.place === undefined) group.place = this.leaving.add(group);
    else this.leaving.moved(group.place);
  }

  private forget(group: Group<Item>): void {
    this.groups.delete(group.key);
    if (group.place !== undefined) this.leaving.remove(group.place);
  }
}
