/** Why a pool is held back, in words for `status` and for the calls that go another way. */
import type { PoolSpec } from './keeper-argv.js';

/** @param words what its failing start has said last. */
export function heldText({ runtime }: Pick<PoolSpec, 'runtime'>, cause: string, words: string): string {
  const what = runtime === 'exec' ? 'processes for any command' : 'this interpreter or environment';
  return `${what} cannot be kept warm: ${cause}: ${words || 'keeper.log may say why'}`;
}
