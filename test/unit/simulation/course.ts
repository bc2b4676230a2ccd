/** The course of things in a simulation: weather that changes, calls that come, one step after the other. */
import { WEATHERS } from './keeper.js';
import type { World } from './world.js';

export const WORDS = ['exec', 'python', 'node', 'node-2', 'restricted'] as const;

export async function run(world: World, untilMs: number): Promise<void> {
  while (world.broken.length === 0 && world.clock.step(untilMs)) {
    // What a step has settled is done before the next one.
    for (let turn = 0; turn < 16; turn++) await Promise.resolve();
    world.check();
  }
}

/** Some pool is well or ill for a while, in turns. */
export function changeWeather(world: World, untilMs: number): void {
  const { clock, chance } = world;
  const ills = chance.in(0.6) ? (['fine'] as const) : WEATHERS;
  world.weather.set(chance.of(WORDS), chance.of(ills));
  if (clock.nowMs() < untilMs) clock.after(chance.between(1_000, 300_000), () => changeWeather(world, untilMs));
  else world.weather.clear();
}

/** Bursts of calls with quiet between. */
export function makeCalls(world: World, untilMs: number): void {
  const { clock, chance } = world;
  const words = chance.of(WORDS);
  const burst = chance.in(0.1) ? 12 : 1;
  for (let one = 0; one < burst; one++) world.call(chance.in(0.7) ? words : chance.of(WORDS));
  if (clock.nowMs() < untilMs) clock.after(chance.between(5, 20_000), () => makeCalls(world, untilMs));
}
