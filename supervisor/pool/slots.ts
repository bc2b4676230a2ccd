/** What is known of each slot of one keeper. A slot's generation grows with every process it holds; news of an older
 *  generation is dropped. */
import type { WorkerState, WorkerStatus } from '../contract/status.js';

export interface SlotView {
  slot: number;
  generation: number;
  pid: number;
  cgroupPath: string | null;
  state: WorkerState;
}

export class SlotTable {
  private readonly slots = new Map<number, SlotView>();
  /** Parked slots, longest parked first. */
  private readonly order: SlotView[] = [];
  private busy = 0;

  parked(slot: number, generation: number, pid: number, cgroupPath: string | null): void {
    const known = this.slots.get(slot);
    if (known !== undefined && known.generation >= generation) return;
    if (known !== undefined) this.remove(known);
    const view: SlotView = { slot, generation, pid, cgroupPath, state: 'parked' };
    this.slots.set(slot, view);
    this.order.push(view);
  }

  takeParked(): SlotView | undefined {
    const view = this.order.shift();
    // Leased: no longer offered, though its task is not yet sent.
    if (view !== undefined) this.enter(view, 'busy');
    return view;
  }

  putBack(slot: number, generation: number): void {
    const view = this.find(slot, generation);
    if (view === undefined || view.state !== 'busy') return;
    this.enter(view, 'parked');
    this.order.unshift(view);
  }

  setBusy(slot: number, generation: number): void {
    const view = this.find(slot, generation);
    if (view !== undefined) this.enter(view, 'busy');
  }

  ended(slot: number, generation: number): void {
    const view = this.find(slot, generation);
    if (view !== undefined && view.state !== 'lingering') this.remove(view);
  }

  lingering(slot: number, generation: number, pid: number): void {
    const known = this.slots.get(slot);
    if (known !== undefined && known.generation > generation) return;
    if (known !== undefined) this.remove(known);
    this.slots.set(slot, { slot, generation, pid, cgroupPath: known?.cgroupPath ?? null, state: 'lingering' });
  }

  lingerEnded(slot: number, generation: number): void {
    const view = this.find(slot, generation);
    if (view?.state === 'lingering') this.remove(view);
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
      .map(({ pid, state, generation, cgroupPath }) => ({ pid, kind: 'parked', state, generation, cgroupPath }));
  }

  private find(slot: number, generation: number): SlotView | undefined {
    const view = this.slots.get(slot);
    return view?.generation === generation ? view : undefined;
  }

  private enter(view: SlotView, state: WorkerState): void {
    this.busy += Number(state === 'busy') - Number(view.state === 'busy');
    view.state = state;
  }

  private remove(view: SlotView): void {
    this.enter(view, 'ending');
    this.slots.delete(view.slot);
    const at = this.order.indexOf(view);
    if (at >= 0) this.order.splice(at, 1);
  }
}
