import { beforeEach, expect, test } from 'vitest';
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import { startLike } from '../../../supervisor/wiring/pools-maker.js';
import { clock, pools, resetPools, usePools } from '../pool/pools-scene.js';

beforeEach(resetPools);

test('the pools of a new configuration are as the operator wants those before them', () => {
  const before = pools;
  before.exec.target.setDrained(true);
  usePools(2);
  const config = { ...defaultConfig(0), homeFolder: '/h', runtimeFolder: '/r', stateFolder: '/s' };
  expect(startLike(before, pools, config, clock.now)).toEqual([pools.exec]);
  expect(pools.exec.closedBecause).toBe('the operator has drained the pool');
});
