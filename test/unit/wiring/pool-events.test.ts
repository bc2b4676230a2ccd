import { expect, test } from 'vitest';
import type { Happening } from '../../../supervisor/contract/happening.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import { type PoolEventRooms, poolEvents } from '../../../supervisor/wiring/pool-events.js';

test('a quarantine is told with what is held, why, and for how long in whole milliseconds', () => {
  const told: Happening[] = [];
  const { held } = poolEvents({ tell: (happening) => void told.push(happening) } as PoolEventRooms);
  const pool = (describes: string) =>
    ({ spec: { id: 'p', describes }, heldBecause: 'it cannot be kept warm: signal 9' }) as unknown as Pool;
  held(pool('/usr/bin/python3'), 'signal 9', 29_999.8);
  held(pool(''), 'signal 9', 1);
  const inputs = { cause: 'signal 9', holdMs: 30_000 };
  expect(told).toEqual([
    { kind: 'quarantined', pool: 'p', about: '/usr/bin/python3: it cannot be kept warm: signal 9', inputs },
    { kind: 'quarantined', pool: 'p', about: 'it cannot be kept warm: signal 9', inputs: { ...inputs, holdMs: 1 } },
  ]);
});
