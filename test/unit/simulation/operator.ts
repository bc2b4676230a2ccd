/** An operator of the simulation: drains, scales, kicks and reloads, whatever is under way, and takes back what lasts. */
import { shownName } from '../../../supervisor/contract/pool-place.js';
import type { World } from './world.js';

const ACTS = ['drain', 'undo', 'scale', 'kickPool', 'kickWorker', 'reload'] as const;

/** @param isForceful hooks that run may be ended. */
export function operate(world: World, untilMs: number, isForceful: boolean): void {
  const { clock, chance } = world;
  if (clock.nowMs() >= untilMs) {
    takeBack(world);
    return;
  }
  act(world, chance.of(ACTS), isForceful && chance.in(0.3));
  clock.after(chance.between(20, 60_000), () => operate(world, untilMs, isForceful));
}

function act(world: World, what: (typeof ACTS)[number], force: boolean): void {
  const { chance, operator } = world;
  const pool = chance.of(world.pools.all());
  const name = shownName(pool.spec.id, world.pools.placeOf(pool));
  // Calls that come just then are what it can go wrong for.
  for (let calls = chance.in(0.5) ? 3 : 0; calls > 0; calls--)
    world.clock.after(chance.between(0.01, 5), () => world.call(pool.spec.id));
  switch (what) {
    case 'drain':
    case 'undo':
      operator.drain({ verb: 'drain', pool: name, undo: what === 'undo' });
      return;
    case 'scale':
      operator.scale({ verb: 'scale', pool: name, parked: Math.floor(chance.next() * 7) });
      return;
    case 'kickPool':
      if (operator.kick({ verb: 'kick', pool: name, worker: undefined, force }).ok) world.kicked(pool);
      return;
    case 'kickWorker': {
      const workers = pool.workers();
      const { slot } = workers.length === 0 ? { slot: 0 } : chance.of(workers);
      operator.kick({ verb: 'kick', pool: name, worker: slot === null ? 'zygote' : String(slot), force });
      return;
    }
    case 'reload': {
      const range = () => ({ min: 1, max: 1 + Math.floor(chance.next() * 5) });
      const parked = { exec: range(), python: range(), node: range() };
      void world.reload({ parked, pythonWarm: chance.in(0.8), slotsPerPool: 4 + Math.floor(chance.next() * 4) });
    }
  }
}

function takeBack({ operator, pools }: World): void {
  for (const pool of pools.all()) {
    const name = shownName(pool.spec.id, pools.placeOf(pool));
    operator.drain({ verb: 'drain', pool: name, undo: true });
    operator.scale({ verb: 'scale', pool: name, parked: 0 });
  }
}
