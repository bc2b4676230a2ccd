/** What calls ask of one pool: how many come so close together that none of their processes can be replaced in between, how
 *  often that happens, how many hooks run. Pure: moments are handed in, also late, and no timer runs. */
import type { Runtime } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';
import type { ParkingStatus } from '../contract/status.js';

/** Calls so soon after the first belong to one burst: about as long as it takes to replace its process. */
const BURST_MS: Record<Runtime, number> = { exec: 50, python: 100, node: 200 };
/** Rate and concurrency are averages over about so long. */
const AVERAGE_MS = 60_000;

export interface ParkedCounts {
  /** Kept also when no call comes. */
  min: number;
  max: number;
  /** Of a new pool, until it is known what it needs. */
  first: number;
}

/** For people and programs: why so many are parked. */
export type DemandFigures = Pick<ParkingStatus, 'fanOut' | 'ratePerSecond' | 'concurrency'>;

export class Demand {
  /** At n, how many bursts of n or more calls there were; older ones count less. Never grows with n. */
  private readonly bursts: Float64Array;
  private settledAtMs: number;
  private lastAtMs: number;
  private burst = { startedAtMs: Number.NEGATIVE_INFINITY, openUntilMs: Number.NEGATIVE_INFINITY, calls: 0 };
  private readonly rate = new Average();
  private readonly running = new Average();
  private fanOut: number;

  constructor(
    readonly counts: ParkedCounts,
    private readonly slots: number,
    private readonly runtime: Runtime,
    nowMs: number,
  ) {
    this.bursts = new Float64Array(counts.max + 1);
    this.bursts.fill(LIMITS.burstsExpected, 1, counts.first + 1);
    this.bursts[0] = LIMITS.burstsRememberedMax; // the bound of all others
    this.settledAtMs = this.lastAtMs = nowMs;
    this.fanOut = counts.first;
  }

  /** A call has come, perhaps some time ago. @returns whether more are wanted now than before. */
  arrived(atMs: number): boolean {
    this.rate.add(1, atMs);
    this.lastAtMs = Math.max(this.lastAtMs, atMs);
    const burstMs = BURST_MS[this.runtime];
    // Those that the switchboard has answered are told late: on either side of the moment that the burst is known by.
    if (atMs < this.burst.startedAtMs - burstMs) return false; // of a burst that is over, and was seen without it
    if (atMs > this.burst.openUntilMs) this.burst = { startedAtMs: atMs, openUntilMs: atMs + burstMs, calls: 0 };
    const size = ++this.burst.calls;
    if (size > this.counts.max) return false;
    this.settle(atMs);
    const times = Math.min(this.timesWanted(size) + 1, this.timesWanted(size - 1));
    this.bursts[size] = times;
    if (size <= this.fanOut || times < LIMITS.burstsToPark) return false;
    const before = this.wantedAt(atMs);
    this.fanOut = size;
    return this.wantedAt(atMs) > before;
  }

  /** None was parked for a call: the burst goes on, however slowly calls come where the processors are busy with it. */
  missed(atMs: number): void {
    this.burst.openUntilMs = Math.max(this.burst.openUntilMs, atMs + BURST_MS[this.runtime]);
  }

  /** A hook has ended. */
  ran(tookMs: number, nowMs: number): void {
    this.running.add(Math.min(tookMs, AVERAGE_MS) / 1000, nowMs);
  }

  /** Lets what was seen grow old: fewer may be wanted then. */
  settle(nowMs: number): void {
    const passedMs = nowMs - this.settledAtMs;
    if (passedMs < LIMITS.scalingTickMs) return;
    this.settledAtMs = nowMs;
    const kept = 2 ** (-passedMs / LIMITS.burstHalfLifeMs);
    for (let n = 1; n < this.bursts.length; n++) this.bursts[n] = this.timesWanted(n) * kept;
    while (this.fanOut > 0 && this.timesWanted(this.fanOut) < LIMITS.burstsToKeep) this.fanOut--;
  }

  /** How many are to be parked, if there is room. */
  wantedAt(nowMs: number): number {
    const { min, max } = this.counts;
    // Hooks that run take slots: memory must not lie ready for processes that could not be started.
    const free = this.slots - Math.floor(this.running.at(nowMs));
    return Math.max(min, Math.min(this.fanOut, max, free));
  }

  /** How often the n-th parked process was wanted lately. */
  timesWanted(n: number): number {
    return this.bursts[n] ?? 0;
  }

  /** How long ago the last call came. */
  idleMs(nowMs: number): number {
    return nowMs - this.lastAtMs;
  }

  figures(nowMs: number): DemandFigures {
    return {
      fanOut: this.fanOut,
      ratePerSecond: toHundredths(this.rate.at(nowMs)),
      concurrency: toHundredths(this.running.at(nowMs)),
    };
  }
}

/** Of something that happens at moments, the amount in each second, newer ones counting more. */
class Average {
  private perSecond = 0;
  private addedAtMs = 0;

  add(amount: number, nowMs: number): void {
    this.perSecond = this.at(nowMs) + amount * (1000 / AVERAGE_MS);
    this.addedAtMs = Math.max(this.addedAtMs, nowMs);
  }

  at(nowMs: number): number {
    return this.perSecond * Math.exp(Math.min(0, this.addedAtMs - nowMs) / AVERAGE_MS);
  }
}

function toHundredths(figure: number): number {
  return Math.round(figure * 100) / 100;
}
