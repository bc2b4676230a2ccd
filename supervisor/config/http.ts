/** The hooks of `http`, with all that was not said. */
import type { HttpHook } from '../contract/http.js';
import type { UserSettings } from './schema.js';

type Given = NonNullable<NonNullable<UserSettings['http']>['hooks']>;

export function httpHooks(given: Given): Record<string, HttpHook> {
  const entries = Object.entries(given).map(
    ([name, { command, args, timeoutMs = 0, level, onFailure = 'continue' }]) => [
      name,
      { command, args, timeoutMs, level, onFailure },
    ],
  );
  return Object.fromEntries(entries);
}
