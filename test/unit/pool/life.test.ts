/** The schedule of restarts and of quarantine, on a clock of the test, with a keeper that dies when the test says so. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { Keeper } from '../../../supervisor/pool/keeper.js';
import { type Held, Life, type LifeHands } from '../../../supervisor/pool/life.js';
import { FakeClock } from '../../lib/fake-clock.js';

type Done = Parameters<Keeper['finish']>[1];
const KILLED = { exitCode: 0, signal: 9 };

let clock: FakeClock;
let told: string[];
let startedAtMs: number[];
let canStart: boolean;
let tasks: number;
let done: Done | undefined;
let graces: number[];
let life: Life;
let newLife: (before: Held | undefined) => void;

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  startedAtMs = [];
  graces = [];
  canStart = true;
  tasks = 0;
  done = undefined;
  const hands: LifeHands = {
    startKeeper(_generation, isProbe) {
      startedAtMs.push(clock.now);
      if (isProbe) told.push('probe start');
      if (!canStart) return { step: 'start of /k', errnum: 2 };
      const finish: Keeper['finish'] = (graceMs, then) => {
        graces.push(graceMs);
        done ??= then;
      };
      return { pid: 1, finish } as Keeper;
    },
    began() {},
    withdraw: () => void told.push('withdraw'),
    ended: () => () => {},
    swept: async () => {},
    outOfMemory: () => false,
    activeTasks: () => tasks,
    failed: ({ subject }) => void told.push(`failed ${subject}`),
    restarting: (delayMs, cause) => void told.push(`restart in ${delayMs}: ${cause}`),
    held: (cause, holdMs) => void told.push(`held for ${holdMs}: ${cause}`),
    probing: () => void told.push('probing'),
    released: () => void told.push('released'),
  };
  newLife = (before) => {
    life = new Life(clock, () => 1 - Number.EPSILON, hands, before);
    life.start();
  };
  newLife(undefined);
});

/** The keeper is gone: its channel closes, and it is reaped. */
async function die(exit: typeof KILLED | undefined = KILLED): Promise<void> {
  life.finish(0, undefined);
  await reap(exit);
}

async function reap(exit: typeof KILLED | undefined = KILLED): Promise<void> {
  const reaped = done;
  done = undefined;
  reaped?.(exit);
  await new Promise((settled) => setImmediate(settled));
}

async function dieUntilHeld(): Promise<void> {
  for (let death = 0; death <= LIMITS.deathsMax; death++) {
    await die();
    if (life.shown === 'backoff') clock.pass(life.nextStartInMs() ?? 0);
  }
}

describe('a keeper that dies again and again', () => {
  test('is started at once, then with growing delays, and at its sixth death of one cause not before 30 s', async () => {
    await dieUntilHeld();
    const delays = startedAtMs.slice(1).map((atMs, index) => atMs - (startedAtMs[index] ?? 0));
    expect(delays).toEqual([0, 100, 313, 979, 3064]);
    expect(life.shown).toBe('quarantined');
    expect(told.at(-1)).toBe(`held for ${LIMITS.quarantineFirstMs}: signal 9`);
    expect(life.nextStartInMs()).toBe(LIMITS.quarantineFirstMs);
    clock.pass(LIMITS.quarantineFirstMs - 1);
    expect(startedAtMs).toHaveLength(6);
    clock.pass(1);
    expect(startedAtMs).toHaveLength(7);
    expect(told.slice(-2)).toEqual(['probing', 'probe start']);
    expect(life.shown).toBe('quarantined');
  });

  test('of other causes each time is not held, only delayed', async () => {
    for (let death = 0; death <= LIMITS.deathsMax; death++) {
      await die({ exitCode: death, signal: 0 });
      clock.pass(life.nextStartInMs() ?? 0);
    }
    expect(startedAtMs).toHaveLength(LIMITS.deathsMax + 2);
    expect(life.deaths()).toHaveLength(LIMITS.deathsMax + 1);
  });

  test('and in the one start that tries it again: held twice as long', async () => {
    await dieUntilHeld();
    clock.pass(LIMITS.quarantineFirstMs);
    await die({ exitCode: 1, signal: 0 });
    expect(told.at(-1)).toBe(`held for ${2 * LIMITS.quarantineFirstMs}: exit status 1`);
    clock.pass(2 * LIMITS.quarantineFirstMs);
    expect(told.at(-1)).toBe('probe start');
  });

  test('and parks when tried again: it serves, and one more death is only a death', async () => {
    await dieUntilHeld();
    clock.pass(LIMITS.quarantineFirstMs);
    life.parked();
    expect(told.at(-1)).toBe('released');
    expect(life.isReady).toBe(true);
    await die();
    expect(told.at(-1)).toMatch(/^restart in \d+: signal 9$/);
  });

  test('and has to make room while it is tried again: tried anew when it comes back, and held twice as long', async () => {
    await dieUntilHeld();
    clock.pass(LIMITS.quarantineFirstMs);
    newLife(life.held);
    clock.pass(0);
    expect(told.at(-1)).toBe('probe start');
    await die();
    expect(told.at(-1)).toBe(`held for ${2 * LIMITS.quarantineFirstMs}: signal 9`);
  });

  test('and has to make room: the quarantine goes on when it comes back, and doubles', async () => {
    await dieUntilHeld();
    clock.pass(LIMITS.quarantineFirstMs / 2);
    newLife(life.held);
    expect(life.shown).toBe('quarantined');
    expect(life.deathCause).toBe('signal 9');
    expect(life.nextStartInMs()).toBe(LIMITS.quarantineFirstMs / 2);
    expect(startedAtMs).toHaveLength(6);
    clock.pass(LIMITS.quarantineFirstMs / 2);
    expect(told.at(-1)).toBe('probe start');
    await die();
    expect(told.at(-1)).toBe(`held for ${2 * LIMITS.quarantineFirstMs}: signal 9`);
  });

  test('before it is started at all: the same schedule, and no turn without a delay', async () => {
    canStart = false;
    await die();
    for (let at = 0; at < 20 && life.shown !== 'quarantined'; at++) clock.pass(life.nextStartInMs() ?? 0);
    expect(life.shown).toBe('quarantined');
    expect(life.deathCause).toBe('starting its keeper failed: ENOENT');
    const before = startedAtMs.length;
    clock.pass(LIMITS.quarantineFirstMs - 1);
    expect(startedAtMs).toHaveLength(before);
  });
});

describe('a keeper that does not say hello', () => {
  test('is ended after its time, and that is the cause', async () => {
    clock.pass(LIMITS.keeperHelloTimeoutMs);
    await reap();
    expect(told.at(-1)).toBe('restart in 0: not ready in time');
  });

  test('in time is let be', () => {
    life.hello();
    clock.pass(LIMITS.keeperHelloTimeoutMs);
    expect(done).toBeUndefined();
  });
});

describe('a pool whose interpreter cannot be started', () => {
  const death = { cause: 'exit status 1', isHopeless: false };

  test('is held at the sixth death, lets running hooks finish, and then its keeper go', async () => {
    tasks = 1;
    for (let count = 0; count < LIMITS.deathsMax; count++) life.died(death);
    expect(life.isTaking).toBe(true);
    life.died(death);
    expect(told).toEqual(['withdraw', `held for ${LIMITS.quarantineFirstMs}: exit status 1`]);
    expect(life.isReady).toBe(false);
    expect(done).toBeUndefined();
    life.parked(); // what it parks now is not wanted
    expect(life.shown).toBe('quarantined');
    tasks = 0;
    life.letGoIfHeld();
    expect(graces).toEqual([LIMITS.stopBudgetMs]);
    clock.pass(LIMITS.quarantineFirstMs);
    expect(startedAtMs).toHaveLength(1); // the hold is over, but the old keeper is still there
    await reap();
    clock.pass(0);
    expect(startedAtMs).toHaveLength(2);
    expect(life.restarts).toBe(1); // another keeper in its place
  });

  test('is held at once where no start will do, and its keeper goes at once where no hook runs', () => {
    life.died({ cause: 'exit status 78', isHopeless: true });
    expect(life.shown).toBe('quarantined');
    expect(graces).toEqual([LIMITS.stopBudgetMs]);
    expect(life.nextStartInMs()).toBe(LIMITS.quarantineFirstMs);
  });

  test('dies of processes that end while parked only where no task is served between', () => {
    const parked = { cause: 'while parked: signal 9', isHopeless: false };
    for (let count = 0; count < 3 * LIMITS.deathsMax; count++) {
      life.died(parked);
      if (count % LIMITS.deathsMax === 1) life.served();
    }
    expect(life.shown).toBe('starting');
    for (let count = 0; count <= LIMITS.deathsMax; count++) life.died(parked);
    expect(life.shown).toBe('quarantined');
  });
});

test('a keeper in the place of a worn one that dies at once is not being replaced any more, but restarted', async () => {
  life.recycle();
  await reap();
  clock.pass(0);
  expect(life.isRecycling).toBe(true);
  await die();
  expect([life.isRecycling, told.at(-1)]).toEqual([false, 'restart in 0: signal 9']);
});

describe('a keeper that the operator replaces', () => {
  test('is ended and follows at once, however often; that is counted, and no death and no restart of it', async () => {
    for (let kick = 0; kick <= LIMITS.deathsMax + 1; kick++) {
      expect(life.renew()).toBe(true);
      await reap();
      clock.pass(0);
    }
    expect(life.shown).toBe('starting');
    expect(startedAtMs).toHaveLength(LIMITS.deathsMax + 3);
    expect(told.filter((one) => one !== 'withdraw')).toEqual([]);
    const kicks = { cause: 'kicked', count: LIMITS.deathsMax + 2 };
    expect([life.deaths(), life.deathCause, life.restarts]).toEqual([[kicks], '', 0]);
  });

  test('between two starts: the next one comes now, and only that one', async () => {
    await die();
    clock.pass(0);
    await die();
    expect(life.nextStartInMs()).toBeGreaterThan(0);
    life.renew();
    clock.pass(0);
    expect([startedAtMs.length, life.shown]).toEqual([3, 'starting']);
    clock.pass(LIMITS.restartFirstDelayMs);
    expect(startedAtMs).toHaveLength(3);
  });

  test('in quarantine: it is tried now', async () => {
    await dieUntilHeld();
    const before = startedAtMs.length;
    life.renew();
    clock.pass(0);
    expect([told.at(-1), startedAtMs.length]).toEqual(['probe start', before + 1]);
    life.hello();
    life.parked();
    expect([told.at(-1), life.shown]).toEqual(['released', 'ready']);
  });

  test('in quarantine with a hook that still runs: ended with it, and tried as soon as it is reaped', async () => {
    tasks = 1;
    life.hello();
    life.died({ cause: 'exit status 78', isHopeless: true });
    life.renew();
    await reap();
    clock.pass(0);
    expect([told.at(-1), startedAtMs.length]).toEqual(['probe start', 2]);
  });

  test('while it is tried whether the cause is gone: no death, the next one is the try', async () => {
    await dieUntilHeld();
    clock.pass(LIMITS.quarantineFirstMs);
    const deaths = life.deaths();
    life.renew();
    await reap();
    expect([told.at(-1), life.deathCause]).toEqual(['withdraw', 'signal 9']);
    clock.pass(0);
    expect(told.at(-1)).toBe('probe start');
    expect(life.deaths()).toEqual([...deaths, { cause: 'kicked', count: 1 }]);
  });

  test('of a pool that is stopping: no', () => {
    life.stop(() => {});
    expect(life.renew()).toBe(false);
  });
});

describe('stopping', () => {
  const stopped = () => new Promise<boolean>((settle) => life.stop(() => settle(true)));

  test('waits until the keeper is reaped, and nothing is started any more', async () => {
    const end = stopped();
    await reap();
    expect(await end).toBe(true);
    clock.pass(LIMITS.quarantineMaxMs);
    expect(startedAtMs).toHaveLength(1);
  });

  test('between two starts is done at once', async () => {
    await die();
    expect(life.shown).toBe('backoff');
    expect(await stopped()).toBe(true);
    expect(clock.timers).toEqual([]);
  });

  test('in quarantine is done at once, and its next try does not come', async () => {
    await dieUntilHeld();
    expect(await stopped()).toBe(true);
    clock.pass(LIMITS.quarantineMaxMs);
    expect(startedAtMs).toHaveLength(6);
  });
});
