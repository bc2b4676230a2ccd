/** Options of a test that only some users can run: `npm test` counts it as skipped and prints the reason. */
import type { TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    skipReason?: string;
  }
}

const isRoot = process.getuid?.() === 0;

/** @param what completes "only root". */
export function onlyRoot(what: string): TestOptions {
  return { skip: !isRoot, meta: { skipReason: `only root ${what}` } };
}

export function notRoot(reason: string): TestOptions {
  return { skip: isRoot, meta: { skipReason: reason } };
}
