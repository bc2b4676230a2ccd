/** Answers in memory: bounded in number and in bytes, the one that was used longest ago goes first. A Map keeps its order of
 *  insertion, which is all that this takes; a library's would age by a clock of its own, which cannot be two clocks at once, and
 *  counts neither bytes of text nor what expired. */
import type { KeptAnswer } from '../contract/caching.js';
import { LIMITS } from '../contract/limits.js';

/** Now, by both clocks. That which people set may jump, the other stands still while the machine sleeps: an answer is too old as soon
 *  as one of them says so, or if it seems to come from the future. */
export interface Moment {
  /** Monotonic. */
  nowMs: number;
  /** Since 1970. */
  wallMs: number;
}

interface Entry {
  answer: KeptAnswer;
  /** By the monotonic clock. */
  untilMs: number;
  bytes: number;
}

export class AnswerMemory {
  /** Used longest ago first. */
  private readonly entries = new Map<string, Entry>();
  readonly counts = { bytes: 0, evictions: 0, expired: 0 };

  constructor(private bounds: { entriesMax: number; bytesMax: number }) {}

  /** What is too much by the new bounds goes at once. */
  bound(bounds: { entriesMax: number; bytesMax: number }): void {
    this.bounds = bounds;
    this.makeRoom();
  }

  get size(): number {
    return this.entries.size;
  }

  /** @returns the verdict as JSON. */
  get(key: string, now: Moment): string | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    if (isTooOld(entry, now)) {
      this.counts.bytes -= entry.bytes;
      this.counts.expired++;
      return undefined;
    }
    this.entries.set(key, entry);
    return entry.answer.text;
  }

  /** @returns whether it is kept. One that is large is not: it would cost many others. */
  put(answer: KeptAnswer, now: Moment): boolean {
    const bytes = bytesOf(answer);
    if (bytes > Math.min(LIMITS.cacheEntryMaxBytes, this.bounds.bytesMax)) return false;
    const entry = { answer, bytes, untilMs: now.nowMs + answer.ttlMs - (now.wallMs - answer.keptAtMs) };
    if (isTooOld(entry, now)) return false;
    this.remove(answer.key);
    this.entries.set(answer.key, entry);
    this.counts.bytes += bytes;
    this.makeRoom();
    return this.entries.has(answer.key);
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** @param validator undefined: all of them. @returns how many there were. */
  clear(validator: string | undefined): number {
    const before = this.size;
    for (const [key, { answer }] of this.entries) {
      if (validator === undefined || answer.validator === validator) this.remove(key);
    }
    return before - this.size;
  }

  private makeRoom(): void {
    for (const key of this.entries.keys()) {
      if (this.size <= this.bounds.entriesMax && this.counts.bytes <= this.bounds.bytesMax) return;
      this.remove(key);
      this.counts.evictions++;
    }
  }

  private remove(key: string): void {
    this.counts.bytes -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }
}

function isTooOld({ answer, untilMs }: Entry, { nowMs, wallMs }: Moment): boolean {
  const ageMs = wallMs - answer.keptAtMs;
  return nowMs >= untilMs || ageMs < 0 || ageMs >= answer.ttlMs;
}

export function bytesOf({ key, validator, text }: KeptAnswer): number {
  return Buffer.byteLength(text) + key.length + validator.length + LIMITS.cacheEntryOverheadBytes;
}
