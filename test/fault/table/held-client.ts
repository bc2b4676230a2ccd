/** A client that is stopped where it would otherwise pass by. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestHome } from '../../lib/daemon.js';

export type HoldingStep = 'connected' | 'headed';

/** @returns words before those of the client. */
export function holding(home: TestHome, step: HoldingStep): string[] {
  const program = join(home.root, 'held-client');
  const source = join(import.meta.dirname, 'held-client.c');
  const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-Werror'];
  if (!existsSync(program)) execFileSync('gcc', [...flags, '-o', program, source]);
  return [program, step];
}
