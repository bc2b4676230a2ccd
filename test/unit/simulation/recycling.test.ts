/** Days in minutes: keepers are replaced by age and by tasks all the time, among calls and faults. */
import { expect, test, vi } from 'vitest';
import { changeWeather, makeCalls, run, WORDS } from './course.js';
import { World } from './world.js';

vi.mock(import('../../../supervisor/contract/limits.js'), async (original) => {
  const real = await original();
  return { ...real, LIMITS: { ...real.LIMITS, recycleAgeMs: 120_000 as never, recycleTasks: 40 as never } };
});

const COURSE_MS = 3_600_000;
const given = process.env.HS_SEED;
const seeds = given === undefined ? [11, 12, 13, Date.now() % 2 ** 31] : given.split(',').map(Number);

test.each(seeds)(
  'seed %i: keepers are replaced while nobody waits, few at once, and no call is lost by it',
  async (seed) => {
    const world = new World(seed);
    makeCalls(world, COURSE_MS);
    await run(world, COURSE_MS + 60_000);
    const said = `HS_SEED=${seed} plays it again`;
    expect(world.broken, said).toEqual([]);
    expect(world.counts.recycled, said).toBeGreaterThan(20);
    expect([...world.recycledBecause].sort(), said).toEqual(['it has run for long', 'it has served many tasks']);
    expect(world.counts.lost, said).toBe(0);
    for (const { life, spec } of world.pools.all()) expect([life.restarts, life.deaths()], spec.id).toEqual([0, []]);
  },
);

test.each(seeds)('seed %i: among faults, too, nothing is lost or run twice, and all is whole again', async (seed) => {
  const world = new World(seed);
  changeWeather(world, COURSE_MS);
  makeCalls(world, COURSE_MS);
  await run(world, COURSE_MS + 3_600_000);
  const said = `HS_SEED=${seed} plays it again`;
  expect(world.broken, said).toEqual([]);
  expect(world.counts.recycled, said).toBeGreaterThan(5);
  for (const words of WORDS) world.call(words);
  await run(world, COURSE_MS + 7_200_000);
  expect(world.broken, said).toEqual([]);
  expect([...world.callers], said).toEqual([]);
});
