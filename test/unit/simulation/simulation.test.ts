/** Hours of faults in seconds: the shipped pools, queue and dispatch between keepers and clients that are played. What must hold
 *  is checked after each step. A failing seed is in the failure, and `HS_SEED=n` plays it again. */
import { expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { WEATHERS } from './keeper.js';
import { World } from './world.js';

const HOUR_MS = 3_600_000;
const FAULTS_MS = 2 * HOUR_MS;
const WORDS = ['exec', 'python', 'node', 'node-2', 'restricted'] as const;
const given = process.env.HS_SEED;
const seeds = given === undefined ? [1, 2, 3, 4, 5, Date.now() % 2 ** 31] : given.split(',').map(Number);

async function run(world: World, untilMs: number): Promise<void> {
  while (world.broken.length === 0 && world.clock.step(untilMs)) {
    // What a step has settled is done before the next one.
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    world.check();
  }
}

/** Some pool is well or ill for a while, in turns. */
function changeWeather(world: World): void {
  const { clock, chance } = world;
  const ills = chance.in(0.6) ? (['fine'] as const) : WEATHERS;
  world.weather.set(chance.of(WORDS), chance.of(ills));
  if (clock.nowMs() < FAULTS_MS) clock.after(chance.between(1_000, 300_000), () => changeWeather(world));
  else world.weather.clear();
}

/** Bursts of calls with quiet between. */
function makeCalls(world: World): void {
  const { clock, chance } = world;
  const words = chance.of(WORDS);
  const burst = chance.in(0.1) ? 12 : 1;
  for (let one = 0; one < burst; one++) world.call(chance.in(0.7) ? words : chance.of(WORDS));
  if (clock.nowMs() < FAULTS_MS) clock.after(chance.between(5, 20_000), () => makeCalls(world));
}

function expectSound(world: World, seed: number): void {
  expect(world.broken, `HS_SEED=${seed} plays it again`).toEqual([]);
}

test.each(seeds)('seed %i: nothing lost or run twice, restarts by the schedule, and all whole again', async (seed) => {
  const world = new World(seed);
  changeWeather(world);
  makeCalls(world);
  await run(world, FAULTS_MS + 60_000);
  expectSound(world, seed);

  world.weather.clear();
  await run(world, FAULTS_MS + 2 * LIMITS.quarantineMaxMs);
  expectSound(world, seed);
  for (const words of WORDS) world.call(words);
  await run(world, FAULTS_MS + 3 * LIMITS.quarantineMaxMs);
  expectSound(world, seed);
  expect([...world.callers]).toEqual([]);
  for (const pool of world.pools.all()) {
    const { spec, state, activeTasks, slots, target, life } = pool;
    const whole = { state: 'ready', activeTasks: 0, parked: target.share };
    const said = `HS_SEED=${seed}: ${spec.id} whole again, next start in ${life.nextStartInMs()} ms`;
    expect({ state, activeTasks, parked: slots.parkedCount }, said).toEqual(whole);
  }
  console.info(`seed ${seed}: ${JSON.stringify(world.counts)}`);
});
