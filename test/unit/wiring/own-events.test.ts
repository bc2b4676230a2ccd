import { expect, test } from 'vitest';
import type { Happening } from '../../../supervisor/contract/happening.js';
import { ownEvents } from '../../../supervisor/wiring/own-events.js';
import { FakeClock } from '../../lib/fake-clock.js';

const by = (parents: Readonly<Record<number, number>>) => (pid: number) => {
  const parentPid = parents[pid];
  return parentPid === undefined ? undefined : { parentPid, startTicks: '1' };
};

test('ours is who is below a keeper that there is now', () => {
  const keepers = [{ pid: 5 }];
  const parents: Record<number, number> = { 5: 1, 6: 5, 8: 1, 9: 8 };
  const rooms = { clock: new FakeClock(), tell() {}, keepers: () => keepers, parentage: by(parents) };
  const { isOurs } = ownEvents(rooms);
  expect([6, 9, 0].map(isOurs)).toEqual([true, false, false]);
  keepers[1] = { pid: 10 };
  Object.assign(parents, { 10: 1, 11: 10 });
  expect([6, 9, 11].map(isOurs)).toEqual([true, false, true]);
});

test('told at once, then once a minute with the number of those between', () => {
  const clock = new FakeClock();
  const told: Happening[] = [];
  const tell = (one: Happening) => void told.push(one);
  const { cameFromOurs } = ownEvents({ clock, tell, keepers: () => [], parentage: () => undefined });
  for (let times = 0; times < 3; times++) cameFromOurs(['guard', 'format']);
  clock.pass(60_000);
  cameFromOurs(['guard']);
  const about = 'not run, since the event comes from inside a hook or a validator: ';
  expect(told).toEqual([
    { kind: 'eventFromInside', about: `${about}guard, format`, inputs: { times: 1 } },
    { kind: 'eventFromInside', about: `${about}guard`, inputs: { times: 3 } },
  ]);
});
