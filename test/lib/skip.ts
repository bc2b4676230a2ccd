/** Options of a test that only some users can run: `npm test` counts it as skipped and prints the reason. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
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

/** @param programs that the test runs and that not every machine has. */
export function onlyWith(...programs: readonly string[]): TestOptions {
  const folders = (process.env.PATH ?? '').split(':');
  const missing = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
  return { skip: missing.length > 0, meta: { skipReason: `not installed: ${missing.join(', ')}` } };
}
