import { expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { leaver } from '../../../supervisor/wiring/leave.js';
import { FakeClock } from '../../lib/fake-clock.js';

function leaving() {
  const clock = new FakeClock();
  const codes: number[] = [];
  let written = () => {};
  const log = {
    flush(done: () => void) {
      written = done;
    },
  };
  leaver({ log, clock, leave: (code) => codes.push(code) })(78);
  return { clock, codes, written: () => written() };
}

test('it leaves with the code it is given once the log is written', () => {
  const { codes, written } = leaving();
  expect(codes).toEqual([]);
  written();
  expect(codes).toEqual([78]);
});

test('a log that is never written holds it up for a bounded time', () => {
  const { clock, codes } = leaving();
  clock.pass(LIMITS.logCloseBudgetMs - 1);
  expect(codes).toEqual([]);
  clock.pass(1);
  expect(codes).toEqual([78]);
});
