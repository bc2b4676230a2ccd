/** What tasks that end, or do not begin, say of their pool: its keepers are played by the test. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { OUTCOME_CODE } from '../../../supervisor/contract/outcome.js';
import { HELLO_BYTES, RecordKind, START_HEAD_BYTES, TASK_END_BYTES } from '../../../supervisor/contract/wire.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import { clock, forKey, keepers, LANDLOCK, parked, resetPools, restartDelays, slow } from './pools-scene.js';

beforeEach(resetPools);

describe('a keeper that died once, and then again after as many tasks as show that it is healthy', () => {
  function park(generation: number): void {
    keepers.at(-1)?.onRecord(RecordKind.PARKED, 0, 0, 0, generation, parked(LANDLOCK));
  }

  /** A task of ours, and its last word. */
  function leased(kind: number, payload: Buffer) {
    return (pool: Pool, call: number) => {
      const lease = pool.lease();
      if (lease === undefined) throw new Error('nothing is parked');
      pool.begin(lease, call, Buffer.alloc(START_HEAD_BYTES), [0], { ended() {}, notStarted() {} } as never);
      keepers.at(-1)?.onRecord(kind, 0, call, lease.slot, lease.generation, payload);
    };
  }

  const end = Buffer.alloc(TASK_END_BYTES);
  end.writeUInt32LE(OUTCOME_CODE.answered, 0);

  test.each([
    ['that ended: starts at once', leased(RecordKind.END, end), 0],
    [
      'that the switchboard has answered: starts at once',
      (_pool: Pool, call: number) => keepers.at(-1)?.onAnswered({}, 0, call, 1, 0, end),
      0,
    ],
    ['that did not start: waits', leased(RecordKind.NOT_STARTED, Buffer.alloc(4)), LIMITS.restartFirstDelayMs / 2],
  ])('%s', async (_what, task, delayMs) => {
    const pool = forKey('a') as Pool;
    const die = async () => {
      keepers.at(-1)?.onClosed(0);
      await new Promise((done) => setImmediate(done));
      clock.pass(0);
    };
    await die();
    keepers.at(-1)?.onRecord(RecordKind.HELLO, 0, 0, 0, 0, Buffer.alloc(HELLO_BYTES));
    for (let call = 1; call <= LIMITS.restartHealthyAfterTasks; call++) {
      park(call);
      task(pool, call);
    }
    await die();
    expect(restartDelays).toEqual([0, delayMs]);
  });
});

test('a start and a hook that are slow in one pool are told of that pool', () => {
  const pool = forKey('a') as Pool;
  for (let generation = 1; generation <= LIMITS.usualTimesMin; generation++) {
    keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, 0, generation, parked(LANDLOCK, 4));
    pool.ran({ handler: '/h', outcome: 'answered', runMs: 20, cpuMs: 0 });
  }
  expect(slow).toEqual([]);
  keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, 0, 100, parked(LANDLOCK, 2_000));
  pool.ran({ handler: '/h', outcome: 'answered', runMs: 1_000, cpuMs: 0 });
  expect(slow).toEqual([
    'a: the start of a parked process took 2000 ms, where 4 ms are usual',
    'a: /h took 1000 ms, where 20 ms are usual',
  ]);
});
