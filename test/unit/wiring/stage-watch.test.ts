import { expect, test } from 'vitest';
import type { Happening } from '../../../supervisor/contract/happening.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { stageWatch } from '../../../supervisor/wiring/stage-watch.js';
import { FakeClock } from '../../lib/fake-clock.js';

test('trouble with a part is told at once, then once a minute with how often it came, each part for itself', () => {
  const clock = new FakeClock();
  const told: Happening[] = [];
  const troubled = stageWatch((happening) => void told.push(happening), clock);
  troubled({ part: 'enrich project', trouble: 'late' });
  troubled({ part: 'enrich project', trouble: 'late' });
  troubled({ part: 'validate verdict', trouble: 'failed', error: new Error('oops') });
  clock.pass(LIMITS.stageToldEveryMs);
  troubled({ part: 'enrich project', trouble: 'busy' });
  expect(told.map(({ about, inputs }) => [about, inputs?.times])).toEqual([
    ['of an event, enrich project was late', 1],
    ['of an event, validate verdict failed: oops', 1],
    ['of an event, enrich project was under way too often', 2],
  ]);
});
