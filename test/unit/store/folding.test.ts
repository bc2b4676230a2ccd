/** Which events have a record of their own, and what becomes of those beyond. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { EndedEvent } from '../../../supervisor/contract/records.js';
import { Folding } from '../../../supervisor/store/folding.js';
import { eventRecord } from '../../lib/event-record.js';
import { FakeClock } from '../../lib/fake-clock.js';

const MAX = LIMITS.eventRecordsPerSecondMax;

let clock: FakeClock;
let written: { event: EndedEvent; isKept: boolean }[];
let folding: Folding;

beforeEach(() => {
  clock = new FakeClock();
  written = [];
  folding = new Folding(clock, (event, isKept) => written.push({ event, isKept }));
});

const add = (count: number, event: EndedEvent) => {
  for (let n = 0; n < count; n++) folding.add(event);
};
const times = () => written.map(({ event }) => event.event.times);

describe('many events in one second', () => {
  test('the first have records of their own, at once; of the others equal ones share one, when the second is over', () => {
    add(MAX + 3, eventRecord());
    add(2, eventRecord({ validators: [{ name: 'guard', said: 'crashed' }] }));
    expect(times()).toEqual(Array(MAX).fill(1));
    clock.pass(999);
    expect(written).toHaveLength(MAX);
    clock.pass(1);
    expect(times().slice(MAX)).toEqual([3, 2]);
    expect(clock.timers).toEqual([]);
  });

  test('a record of several has the time of the slowest', () => {
    add(MAX, eventRecord());
    for (const totalMs of [2, 9, 4]) folding.add(eventRecord({}, { totalMs }));
    folding.flush();
    expect(written.at(-1)?.event).toMatchObject({ totalMs: 9, event: { times: 3 } });
  });

  test('the next second begins anew', () => {
    add(MAX + 1, eventRecord());
    clock.pass(1000);
    add(1, eventRecord());
    expect(times()).toEqual(Array(MAX + 2).fill(1));
  });

  test('denies are kept, and others do not fold them', () => {
    add(MAX + 1, eventRecord());
    add(1, eventRecord({ decision: 'deny' }));
    expect(written.at(-1)).toMatchObject({ isKept: true, event: { event: { decision: 'deny', times: 1 } } });
    expect(written.slice(0, -1).every(({ isKept }) => !isKept)).toBe(true);
    add(MAX + 1, eventRecord({ decision: 'deny' }));
    folding.flush();
    expect(written.filter(({ isKept }) => isKept).at(-1)?.event.event.times).toBe(2);
  });

  test('made-up names do not fill the memory: beyond a bound they are counted without name', () => {
    add(MAX, eventRecord());
    const made = LIMITS.eventRecordsFoldedMax + 40;
    for (let n = 0; n < made; n++) folding.add(eventRecord({}, { handler: `event PreToolUse T${n}` }));
    folding.flush();
    expect(written).toHaveLength(MAX + LIMITS.eventRecordsFoldedMax + 1);
    expect(written.at(-1)?.event).toMatchObject({ handler: 'event', event: { times: 40, validators: [] } });
  });
});

test('whatever comes when: every event is counted once, denies as denies', () => {
  const arrival = fc.record({
    count: fc.integer({ min: 1, max: 2 * MAX }),
    tool: fc.integer({ min: 0, max: 3 }),
    isDeny: fc.boolean(),
    thenMs: fc.integer({ min: 0, max: 700 }),
  });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 12 }), (arrivals) => {
      clock = new FakeClock();
      written = [];
      folding = new Folding(clock, (event, isKept) => written.push({ event, isKept }));
      for (const { count, tool, isDeny, thenMs } of arrivals) {
        add(count, eventRecord({ decision: isDeny ? 'deny' : null }, { handler: `event PreToolUse T${tool}` }));
        clock.pass(thenMs);
      }
      folding.flush();
      const sum = (isDeny: boolean) =>
        written.filter((one) => one.isKept === isDeny).reduce((all, { event }) => all + event.event.times, 0);
      const given = (isDeny: boolean) =>
        arrivals.filter((one) => one.isDeny === isDeny).reduce((all, { count }) => all + count, 0);
      expect([sum(true), sum(false)]).toEqual([given(true), given(false)]);
    }),
    { numRuns: 60 },
  );
});
