/** Answers of validators that are used again. */
import { MIB } from './limits.js';

export const CACHE_DEFAULTS = { entriesMax: 1_000, bytesMax: 8 * MIB, ttlMs: 300_000 } as const;

export interface CacheSettings {
  entriesMax: number;
  bytesMax: number;
}

/** As it is kept: the verdict is JSON, so nobody who was given it can change what the next one gets. */
export interface KeptAnswer {
  /** A digest of all that the answer depends on. */
  key: string;
  validator: string;
  text: string;
  /** Since 1970: it may outlive the daemon. */
  keptAtMs: number;
  ttlMs: number;
}

/** Where answers outlive the daemon. What is saved may be lost; what is forgotten stays so. */
export interface AnswerShelf {
  save(answer: KeptAnswer): void;
  /** undefined: those of all validators. */
  forget(validator: string | undefined): void;
}

/** What an earlier daemon has left. */
export interface Shelved {
  answers: KeptAnswer[];
  notes: Partial<Record<NoteName, string>>;
}

/** Texts that outlive the daemon, the last of each name. */
export type NoteName = 'breakers';

export interface Shelf extends AnswerShelf {
  /** Nothing, where nothing can be read. */
  load(): Promise<Shelved>;
  note(name: NoteName, text: string): void;
}

export interface CacheStats {
  entries: number;
  bytes: number;
  hits: number;
  misses: number;
  /** Given away to make room. */
  evictions: number;
  /** Met when asked for, and too old. */
  expired: number;
  /** Answered by a computation that was under way for somebody else. */
  shared: number;
  /** Asked for where no key could be made: an input is missing, too large, or a file cannot be told. */
  unkeyed: number;
  /** Of those with a key, the share that needed no computation of its own; null: none was asked for. */
  hitRatio: number | null;
}
