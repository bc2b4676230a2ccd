import { beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import type { Config } from '../../../supervisor/contract/config.js';
import type { Happening } from '../../../supervisor/contract/happening.js';
import type { HostRoom } from '../../../supervisor/contract/host-room.js';
import type { ProfileChoice } from '../../../supervisor/contract/profiles.js';
import { LOOK_EVERY_MS, LOOKS_TO_CHANGE } from '../../../supervisor/scheduler/profile-choice.js';
import { Profiles } from '../../../supervisor/wiring/profiles.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { loadedOf } from '../../lib/loaded-config.js';

const FOLDERS = { homeFolder: '/h', runtimeFolder: '/r', stateFolder: '/s' };
const CALM: HostRoom = { spareMemoryBytes: 2 ** 33, memoryPressurePercent: 0, cpuPressurePercent: 50 };
const SHORT: HostRoom = { ...CALM, spareMemoryBytes: 0 };
const QUIET = { tasks: 0, longestWaitMs: 0, asked: 0, failed: 0 };

let clock: FakeClock;
let state: 'serving' | 'reloading';
let configured: ProfileChoice;
let room: HostRoom;
let load: typeof QUIET;
let looks: number;
/** The host takes so long to tell. */
let reading: Promise<void> | undefined;
let inForce: Readonly<Config>;
let told: Happening[];

const configOf = (profile: ProfileChoice): Config => ({
  ...defaultConfig(2 ** 34, profile === 'adaptive' ? 'balanced' : profile),
  ...{ ...FOLDERS, profile },
});
const loaded = (profile: ProfileChoice, from: string) => ({
  ...loadedOf(configOf(profile)),
  profileFrom: from,
  under: (one: ProfileChoice) => ({ ...configOf(one), profile }),
});

function started(): Profiles {
  inForce = configOf(configured);
  return new Profiles(
    {
      ...{ clock, config: () => inForce, waitingCalls: () => 0, validating: () => load },
      life: {
        get state() {
          return state;
        },
        isStopping: false,
      },
      load: (operators) => loaded(operators ?? configured, operators === undefined ? 'the file' : 'the operator'),
      takeOver: (next) => {
        inForce = next;
      },
      async readRoom() {
        looks++;
        await reading;
        return room;
      },
      tell: (happening) => told.push(happening),
    },
    loaded(configured, 'the file'),
  );
}

async function pass(count: number): Promise<void> {
  for (let one = 0; one < count; one++) {
    clock.pass(LOOK_EVERY_MS);
    await new Promise(setImmediate);
  }
}

/** As a reload that takes over what there is to be taken. */
function reloading(profiles: Profiles) {
  return async () => {
    const now = profiles.load();
    if (!now.ok) throw new Error('no configuration');
    inForce = now.config;
    profiles.taken(now);
    return {
      ok: true as const,
      plan: { schema: 'supervisor.plan/v1' as const, changes: [], poolsReplaced: [], notes: [] },
    };
  };
}

beforeEach(() => {
  clock = new FakeClock();
  reading = undefined;
  [state, configured, room, load, looks, told] = ['serving', 'balanced', CALM, QUIET, 0, []];
});

describe('a profile that was chosen', () => {
  it('is in force, and nothing is looked at', async () => {
    const profiles = started();
    await pass(5);
    expect(looks).toBe(0);
    expect(profiles.status()).toMatchObject({ chosen: 'balanced', chosenBy: 'the file', inForce: 'balanced' });
  });

  it('the operator counts more, also in a later reload; the change is told once, with who made it', async () => {
    const profiles = started();
    expect(await profiles.set('latency', reloading(profiles))).toMatchObject({ ok: true });
    await reloading(profiles)();
    expect(profiles.status()).toMatchObject({ chosen: 'latency', chosenBy: 'the operator', inForce: 'latency' });
    const inputs = { from: 'balanced', to: 'latency', by: 'the operator' };
    expect(told).toMatchObject([{ kind: 'profileChanged', inputs }]);
  });

  it('a choice that could not be taken over is no choice', async () => {
    const profiles = started();
    await profiles.set('latency', async () => ({ ok: false, notTaken: 'no' }));
    await reloading(profiles)();
    expect(profiles.status().chosen).toBe('balanced');
    expect(told).toEqual([]);
  });
});

describe('adaptive', () => {
  beforeEach(() => {
    configured = 'adaptive';
    room = SHORT;
  });

  it('takes over what needs no new pools, and tells it with all that it was made of', async () => {
    const profiles = started();
    await pass(10);
    const { cache, validatorTasksAtOnce } = configOf('resource_constrained');
    expect(inForce).toEqual({ ...configOf('adaptive'), cache, validatorTasksAtOnce });
    expect(profiles.status()).toMatchObject({ chosen: 'adaptive', inForce: 'resource_constrained' });
    expect(profiles.status().why).toContain('memory');
    const inputs = { from: 'balanced', to: 'resource_constrained', ...SHORT, waiting: 0, failedPercent: 0 };
    expect(told).toMatchObject([{ kind: 'profileChanged', inputs }]);
  });

  it('what it has chosen is what a reload compares with and keeps', async () => {
    const profiles = started();
    await pass(10);
    const now = profiles.load();
    expect(now.ok && now.config).toEqual(inForce);
    await reloading(profiles)();
    expect(profiles.status().inForce).toBe('resource_constrained');
  });

  it('nothing changes under a reload; after it, the next look changes it', async () => {
    started();
    state = 'reloading';
    await pass(20);
    expect([inForce, told]).toEqual([configOf('adaptive'), []]);
    state = 'serving';
    await pass(1);
    expect(told).toHaveLength(1);
  });

  it('failures between two looks count, those before do not', async () => {
    room = { ...CALM, cpuPressurePercent: 0 };
    load = { ...QUIET, asked: 1000, failed: 900 };
    const profiles = started();
    await pass(6 + LOOKS_TO_CHANGE);
    expect(profiles.status().inForce).toBe('latency');
    for (let look = 0; look < 10; look++) {
      load = { ...load, asked: load.asked + 20, failed: load.failed + 10 };
      await pass(1);
    }
    expect(profiles.status()).toMatchObject({ inForce: 'balanced', why: 'validators fail' });
    await pass(10);
    expect(profiles.status().inForce).toBe('latency');
  });

  it('a look that comes late makes it less quick', async () => {
    room = { ...CALM, cpuPressurePercent: 0 };
    const profiles = started();
    await pass(8);
    expect(profiles.status().inForce).toBe('latency');
    for (let look = 0; look < 10; look++) {
      clock.now += 100;
      await pass(1);
    }
    expect(profiles.status()).toMatchObject({ inForce: 'balanced', why: 'the daemon itself comes late' });
  });

  it('is looked for no more once another is chosen, or the daemon ends', async () => {
    const profiles = started();
    await profiles.set('latency', reloading(profiles));
    await pass(10);
    expect([looks, clock.timers.length, profiles.status().inForce]).toEqual([0, 0, 'latency']);
    await profiles.set('adaptive', reloading(profiles));
    expect(clock.timers).toHaveLength(1);
    profiles.stop();
    expect(clock.timers).toHaveLength(0);
  });

  it('a look that was under way when another was chosen decides nothing', async () => {
    const profiles = started();
    await pass(6);
    clock.pass(LOOK_EVERY_MS);
    await profiles.set('latency', reloading(profiles));
    await pass(1);
    expect(profiles.status().inForce).toBe('latency');
    expect(clock.timers).toHaveLength(0);
  });

  it('one that is chosen anew during a look begins its own looks, and only those', async () => {
    const profiles = started();
    reading = new Promise(setImmediate);
    clock.pass(LOOK_EVERY_MS);
    await profiles.set('latency', reloading(profiles));
    await profiles.set('adaptive', reloading(profiles));
    await reading;
    await new Promise(setImmediate);
    expect(clock.timers).toHaveLength(1);
  });
});
