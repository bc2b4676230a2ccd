/** What one parked process of a pool costs: a figure that follows what its processes tell when they park. */
import type { Runtime } from '../contract/call.js';
import { MIB } from '../contract/limits.js';

/** Until one has told, and where the kernel does not say: docs/performance.md, "Memory", rounded up. */
const GUESS_BYTES: Record<Runtime, number> = { exec: 0, python: 5 * MIB, node: 12 * MIB };
/** The first to park count pages as their own that they share with the next ones: they are to be forgotten soon. */
const WEIGHT_OF_NEWEST = 1 / 2;
/** Shares are made anew only for a difference that is worth ending or starting a process for. */
const STEP = 1 / 8;

export class ParkCost {
  nowBytes: number;
  /** What shares are made with: `nowBytes` as it was when it had last moved by a step. */
  steadyBytes: number;
  private newestBytes = 0;
  /** The least that a process of this keeper told. */
  private leastBytes = Number.POSITIVE_INFINITY;

  constructor(runtime: Runtime) {
    this.nowBytes = this.steadyBytes = GUESS_BYTES[runtime];
  }

  /** @param memoryBytes what a process told; 0: unknown. @returns whether `steadyBytes` has changed. */
  told(memoryBytes: number): boolean {
    if (memoryBytes === 0) return false;
    this.nowBytes += (memoryBytes - this.nowBytes) * WEIGHT_OF_NEWEST;
    this.newestBytes = memoryBytes;
    this.leastBytes = Math.min(this.leastBytes, memoryBytes);
    if (Math.abs(this.nowBytes - this.steadyBytes) <= this.steadyBytes * STEP) return false;
    this.steadyBytes = this.nowBytes;
    return true;
  }

  /** With a new keeper. */
  begin(): void {
    this.leastBytes = Number.POSITIVE_INFINITY;
  }

  /** By how much one costs more, lately and just now, than the cheapest of this keeper. */
  get growthBytes(): number {
    return Math.max(0, Math.min(this.nowBytes, this.newestBytes) - this.leastBytes);
  }
}
