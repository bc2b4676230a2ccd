import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lanes } from '../../../../supervisor/validating/after/lanes.js';

test('a lane that rests has no place, gives its task once more when it wakes, and stands behind the others', () => {
  const lanes = new Lanes<string>(1);
  for (const lane of ['a', 'b', 'c']) lanes.add(lane, `${lane}1`);
  lanes.add('a', 'a2');
  expect(lanes.next()).toEqual({ lane: 'a', task: 'a1' });
  lanes.rest('a');
  expect(lanes.next()).toEqual({ lane: 'b', task: 'b1' });
  lanes.ended('b');
  lanes.wake('a');
  expect(lanes.next()).toEqual({ lane: 'c', task: 'c1' });
  lanes.ended('c');
  expect(lanes.next()).toEqual({ lane: 'a', task: 'a1' });
  lanes.ended('a');
  expect(lanes.next()).toEqual({ lane: 'a', task: 'a2' });
});

test('whatever comes and ends when: each task is out once, those of a lane in their order and one at a time, never too many', () => {
  const step = fc.oneof(
    fc.record({ add: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ end: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ rest: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ wake: fc.constantFrom('a', 'b', 'c', 'd') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), fc.integer({ min: 1, max: 3 }), (steps, atOnceMax) => {
      const lanes = new Lanes<number>(atOnceMax);
      const given: Record<string, number[]> = { a: [], b: [], c: [], d: [] };
      const got: Record<string, number[]> = { a: [], b: [], c: [], d: [] };
      const out: string[] = [];
      const resting = new Set<string>();
      const wake = (lane: string) => {
        if (resting.delete(lane)) lanes.wake(lane);
      };
      const pump = () => {
        for (let next = lanes.next(); next !== undefined; next = lanes.next()) {
          expect([...out, ...resting]).not.toContain(next.lane);
          out.push(next.lane);
          got[next.lane]?.push(next.task);
          expect(out.length).toBeLessThanOrEqual(atOnceMax);
        }
      };
      for (const [number, one] of steps.entries()) {
        if ('add' in one) {
          lanes.add(one.add, number);
          given[one.add]?.push(number);
        } else if ('wake' in one) {
          wake(one.wake);
        } else {
          const [lane] = out.splice(('end' in one ? one.end : one.rest) % Math.max(1, out.length), 1);
          if (lane !== undefined && 'end' in one) lanes.ended(lane);
          else if (lane !== undefined) {
            lanes.rest(lane);
            resting.add(lane);
            got[lane]?.pop(); // it comes once more
          }
        }
        pump();
      }
      for (const lane of [...resting]) wake(lane);
      pump();
      while (out.length > 0) {
        lanes.ended(out.shift() ?? '');
        pump();
      }
      expect(got).toEqual(given);
    }),
    { numRuns: 200 },
  );
});
