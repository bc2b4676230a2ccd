import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lanes } from '../../../../supervisor/validating/after/lanes.js';

test('whatever comes and ends when: each task is out once, those of a lane in their order and one at a time, never too many', () => {
  const step = fc.oneof(
    fc.record({ add: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ end: fc.integer({ min: 0, max: 9 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), fc.integer({ min: 1, max: 3 }), (steps, atOnceMax) => {
      const lanes = new Lanes<number>(atOnceMax);
      const given: Record<string, number[]> = { a: [], b: [], c: [], d: [] };
      const got: Record<string, number[]> = { a: [], b: [], c: [], d: [] };
      const out: string[] = [];
      const pump = () => {
        for (let next = lanes.next(); next !== undefined; next = lanes.next()) {
          expect(out).not.toContain(next.lane);
          out.push(next.lane);
          got[next.lane]?.push(next.task);
          expect(out.length).toBeLessThanOrEqual(atOnceMax);
        }
      };
      for (const [number, one] of steps.entries()) {
        if ('add' in one) {
          lanes.add(one.add, number);
          given[one.add]?.push(number);
        } else {
          const [lane] = out.splice(one.end % Math.max(1, out.length), 1);
          if (lane !== undefined) lanes.ended(lane);
        }
        pump();
      }
      while (out.length > 0) {
        lanes.ended(out.shift() ?? '');
        pump();
      }
      expect(got).toEqual(given);
    }),
    { numRuns: 200 },
  );
});
