/** What is known of each slot of one keeper. A slot's generation grows with every process it holds; news of an older
 *  generation is dropped. */
import type { LayerName } from '../contract/isolation.js';
import type { WorkerStatus } from '../contract/status.js';
import { SLOT, type SlotInput, type SlotState } from './slot-state.js';

export interface SlotView {
  slot: number;
  generation: number;
  pid: number;
  cgroupPath: string | null;
  /** Of the sandbox that it has entered. */
  layers: readonly LayerName[];
  state: SlotState;
}

/** What is known of a process when it is parked. */
export type Entered = Pick<SlotView, 'pid' | 'cgroupPath' | 'layers'>;

/** Where parked slots are offered to whoever may use them without asking. */
export interface Offers {
  offer(slot: number, generation: number): void;
  /** False: somebody has used it. */
  withdraw(slot: number, generation: number): boolean;
}

export class SlotTable {
  private readonly slots = new Map<number, SlotView>();
  /** Parked slots, longest parked first; among them those that were used where they were offered. */
  private readonly order: SlotView[] = [];
  private busy = 0;
  /** That the process parked last has entered. */
  layers: readonly LayerName[] = [];

  constructor(private readonly offers: Offers) {}

  parked(slot: number, generation: number, { pid, cgroupPath, layers }: Entered): void {
    const known = this.slots.get(slot);
    if (known !== undefined && known.generation >= generation) return;
    if (known !== undefined) this.remove(known, 'unknown');
    const view: SlotView = { slot, generation, pid, cgroupPath, layers, state: 'unknown' };
    this.slots.set(slot, view);
    this.input(view, 'parked');
    this.layers = layers;
    this.order.push(view);
    this.offers.offer(slot, generation);
  }

  takeParked(): SlotView | undefined {
    for (let view = this.order.shift(); view !== undefined; view = this.order.shift()) {
      // Leased: no longer offered, though its task is not yet sent.
      this.input(view, 'leased');
      if (this.offers.withdraw(view.slot, view.generation)) return view;
    }
    return undefined;
  }

  /** Somebody else's task has begun in it. @returns undefined where nothing is known of it. */
  taken(slot: number, generation: number): SlotView | undefined {
    const view = this.find(slot, generation);
    if (view === undefined) return undefined;
    const at = this.order.indexOf(view);
    if (at >= 0) this.order.splice(at, 1);
    this.input(view, 'leased');
    return view;
  }

  /** Whoever takes it out will end it: no task begins in it any more. False: it is not parked, or somebody has used it. */
  takeOut(slot: number, generation: number): boolean {
    const view = this.find(slot, generation);
    if (view === undefined || !this.offers.withdraw(slot, generation)) return false;
    this.remove(view, SLOT[view.state].ended);
    return true;
  }

  putBack(slot: number, generation: number): void {
    const view = this.find(slot, generation);
    if (view === undefined || this.order.includes(view) || this.input(view, 'putBack') !== 'parked') return;
    this.order.unshift(view);
    this.offers.offer(slot, generation);
  }

  /** @returns the pid of what was in it; undefined where nothing is known of that. */
  ended(slot: number, generation: number): number | undefined {
    const view = this.find(slot, generation);
    if (view !== undefined) this.remove(view, SLOT[view.state].ended);
    return view?.pid;
  }

  lingering(slot: number, generation: number, pid: number): void {
    const known = this.slots.get(slot);
    if (known !== undefined && known.generation > generation) return;
    if (known !== undefined) this.remove(known, 'unknown');
    const { cgroupPath = null, layers = [] } = known ?? {};
    const view: SlotView = { slot, generation, pid, cgroupPath, layers, state: 'unknown' };
    this.slots.set(slot, view);
    this.input(view, 'lingering');
  }

  lingerEnded(slot: number, generation: number): void {
    const view = this.find(slot, generation);
    if (view !== undefined) this.remove(view, SLOT[view.state].lingerEnded);
  }

  /** Nothing of it may be used any more. */
  withdrawAll(): void {
    for (const { slot, generation } of this.order.splice(0)) this.offers.withdraw(slot, generation);
  }

  clear(): void {
    this.slots.clear();
    this.order.length = 0;
    this.busy = 0;
  }

  get parkedCount(): number {
    return this.order.length;
  }

  get busyCount(): number {
    return this.busy;
  }

  workers(): WorkerStatus[] {
    return [...this.slots.values()]
      .sort((a, b) => a.slot - b.slot)
      .flatMap(({ slot, pid, state, generation, cgroupPath }) =>
        state === 'unknown' ? [] : [{ kind: 'parked' as const, slot, pid, state, generation, cgroupPath }],
      );
  }

  private find(slot: number, generation: number): SlotView | undefined {
    const view = this.slots.get(slot);
    return view?.generation === generation ? view : undefined;
  }

  private input(view: SlotView, input: SlotInput): SlotState {
    return this.enter(view, SLOT[view.state][input]);
  }

  private enter(view: SlotView, state: SlotState): SlotState {
    this.busy += Number(state === 'busy') - Number(view.state === 'busy');
    view.state = state;
    return state;
  }

  /** Takes it off the offers, and out of the table where nothing is known of it any more. */
  private remove(view: SlotView, state: SlotState): void {
    if (state === view.state) return;
    this.enter(view, state);
    if (state === 'unknown') this.slots.delete(view.slot);
    const at = this.order.indexOf(view);
    if (at < 0) return;
    this.order.splice(at, 1);
    this.offers.withdraw(view.slot, view.generation);
  }
}
