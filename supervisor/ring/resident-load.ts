/** What a worker that several validators share says to one that it was to load. */
import { LIMITS } from '../contract/limits.js';
import type { Fields } from './resident-answer.js';

/** A validator by its name, which its questions have in their context, and the absolute path of its module. */
export interface Wanted {
  name: string;
  entry: string;
}

export type Loaded = { kind: 'loaded'; isBatch: boolean } | { kind: 'failed'; message: string };

export function loadedOf(fields: Fields | undefined): Loaded {
  const { loaded, error } = (fields ?? {}) as Record<string, { batch?: unknown; message?: unknown } | null | undefined>;
  if (typeof loaded?.batch === 'boolean') return { kind: 'loaded', isBatch: loaded.batch };
  const message = typeof error?.message === 'string' ? error.message : 'it did not say whether it could be loaded';
  return { kind: 'failed', message: message.slice(0, LIMITS.failureTextMaxCharacters) };
}
