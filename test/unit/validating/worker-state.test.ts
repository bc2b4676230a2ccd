import { describe, expect, test } from 'vitest';
import { WORKER } from '../../../supervisor/validating/worker-state.js';
import { isWhole } from '../../lib/state-table.js';

describe('the life of a worker', () => {
  isWhole(WORKER, 'starting');

  test('is over for good, and a killed one becomes nothing but gone', () => {
    expect(new Set(Object.values(WORKER.gone))).toEqual(new Set(['gone']));
    expect(new Set(Object.values(WORKER.killed))).toEqual(new Set(['killed', 'gone']));
  });

  test('one that answers ends when it has answered; one that has not begun ends at once', () => {
    expect(WORKER.ready.retire).toBe('draining');
    expect(WORKER.starting.retire).toBe('killed');
    expect(WORKER.draining.ready).toBe('draining');
  });
});
