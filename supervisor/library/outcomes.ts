/** What becomes of a question of a program, and what it is told where no daemon has told it. */
import type { Decided, LibraryError, Refused } from '../contract/library.js';

/** Nobody has answered. `lost`: validators may have been asked; with every other code none was. */
export interface Unavailable {
  kind: 'unavailable';
  code: 'absent' | 'lost' | 'unreadable' | 'closed' | Exclude<LibraryError['code'], 'badRequest' | 'tooLarge'>;
  message: string;
  remedy: string;
  retryAfterMs?: number;
}

/** What it was to wait for has not been decided. */
export interface Skipped {
  kind: 'skipped';
  because: string;
}

/** By the caller's signal. */
export interface Aborted {
  kind: 'aborted';
}

export type Outcome = Decided | Refused | Unavailable | Skipped | Aborted;

export const ABORTED: Aborted = { kind: 'aborted' };

export function outcomeOf(error: LibraryError): Refused | Unavailable {
  const { code, message, remedy, retryAfterMs } = error;
  if (code === 'badRequest' || code === 'tooLarge') return { kind: 'refused', code, message, remedy };
  return { kind: 'unavailable', code, message, remedy, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

export function unavailable(code: Unavailable['code'], message: string, remedy: string): Unavailable {
  return { kind: 'unavailable', code, message, remedy };
}

export const CLOSED = unavailable('closed', 'the connection was closed by its owner', 'connect again');
