import { describe, expect, test } from 'vitest';
import { MIB } from '../../../supervisor/contract/limits.js';
import { ParkCost } from '../../../supervisor/pool/cost.js';

describe('what a parked process costs', () => {
  test('before any has told: a guess for interpreters, nothing for exec', () => {
    const guesses = (['exec', 'python', 'node'] as const).map((runtime) => new ParkCost(runtime).steadyBytes);
    expect(guesses).toEqual([0, 5 * MIB, 12 * MIB]);
  });

  test('the figure follows what is told; a process that does not know changes nothing', () => {
    const cost = new ParkCost('python');
    for (let i = 0; i < 20; i++) cost.told(9 * MIB);
    expect(cost.nowBytes / MIB).toBeCloseTo(9, 2);
    expect(cost.told(0)).toBe(false);
    expect(cost.nowBytes / MIB).toBeCloseTo(9, 2);
  });

  test('shares are made anew for steps only, and then with the figure of that moment', () => {
    const cost = new ParkCost('node');
    expect(cost.told(14 * MIB)).toBe(false); // 13
    expect(cost.steadyBytes).toBe(12 * MIB);
    expect(cost.told(15 * MIB)).toBe(true); // 14
    expect(cost.steadyBytes).toBe(cost.nowBytes);
    expect(cost.told(13 * MIB)).toBe(false);
    expect(cost.steadyBytes).toBe(14 * MIB);
  });
});
