/** Why a pool is held back, in words for `status` and for the calls that go another way. */
import { OUT_OF_MEMORY } from './causes.js';
import type { PoolSpec } from './keeper-argv.js';

/** @param words what its failing start has said last. */
export function heldText({ runtime }: Pick<PoolSpec, 'runtime'>, cause: string, words: string): string {
  const what = runtime === 'exec' ? 'processes for any command' : 'this interpreter or environment';
  return `${what} cannot be kept warm: ${cause}: ${words || hintAt(cause)}`;
}

/** Who is killed for its memory cannot say so. */
function hintAt(cause: string): string {
  if (cause.endsWith(OUT_OF_MEMORY)) return 'limits.memoryMaxBytes or totalMemoryMaxBytes does not do for it';
  return 'keeper.log may say why';
}
