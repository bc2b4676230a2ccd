import { beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import type { LoadedConfig } from '../../../supervisor/config/load.js';
import type { Config } from '../../../supervisor/contract/config.js';
import type { Happening } from '../../../supervisor/contract/happening.js';
import { DaemonLife } from '../../../supervisor/wiring/daemon-life.js';
import { createReload } from '../../../supervisor/wiring/reload.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { loadedOf } from '../../lib/loaded-config.js';

const base: Config = {
  ...defaultConfig(8 * 2 ** 30),
  ...{ homeFolder: '/h', runtimeFolder: '/r', stateFolder: '/s' },
};
const problem = { where: 'here', what: 'wrong', remedy: 'right' };

let loaded: LoadedConfig;
let inForce: Readonly<Config>;
let takeOvers: { next: Readonly<Config>; replacesPools: boolean; done: (why?: string) => void }[];
let told: Happening[];
let service: string[];
let taken: LoadedConfig[];
let life: DaemonLife;

const load = (change: Partial<Config>) => {
  loaded = loadedOf({ ...base, ...change }, ['a note']);
};
const room = () =>
  createReload({
    life,
    load: () => loaded,
    config: () => inForce,
    poolIds: () => ['exec', 'python-1'],
    takeOver: (next, replacesPools) =>
      new Promise((resolve) => takeOvers.push({ next, replacesPools, done: resolve as (why?: string) => void })),
    taken: (one) => taken.push(one),
    tell: (happening) => told.push(happening),
    service: { reloading: () => service.push('reloading'), ready: (status) => service.push(status) },
  });

beforeEach(() => {
  inForce = base;
  takeOvers = [];
  told = [];
  service = [];
  taken = [];
  life = new DaemonLife(new FakeClock());
  life.input('ready');
  load({});
});

describe('plan', () => {
  it('names the pools only where one is replaced, and takes nothing over', () => {
    load({ timeoutMs: 4 });
    expect(room().plan()).toMatchObject({ ok: true, plan: { poolsReplaced: [], notes: ['a note'] } });
    load({ slotsPerPool: 4 });
    expect(room().plan()).toMatchObject({ ok: true, plan: { poolsReplaced: ['exec', 'python-1'] } });
    expect(takeOvers).toEqual([]);
  });

  it('a bad configuration: its problems', () => {
    loaded = { ok: false, problems: [problem] };
    expect(room().plan()).toEqual({ ok: false, problems: [problem] });
  });
});

describe('reload', () => {
  it('nothing to change: nothing is taken over, and nothing told', async () => {
    expect(await room().reload()).toMatchObject({ ok: true, plan: { changes: [] } });
    expect([takeOvers, told]).toEqual([[], []]);
  });

  it('only what needs a restart: nothing is taken over', async () => {
    load({ cgroup: 'none' });
    expect(await room().reload()).toMatchObject({ ok: true, plan: { changes: [{ takesEffect: 'restart' }] } });
    expect(takeOvers).toEqual([]);
  });

  it('hands over the new configuration without what needs a restart, and tells old and new values', async () => {
    load({ timeoutMs: 4, cgroup: 'none' });
    const answer = room().reload();
    expect(takeOvers).toMatchObject([{ replacesPools: false, next: { timeoutMs: 4, cgroup: 'auto' } }]);
    takeOvers[0]?.done();
    expect(await answer).toMatchObject({ ok: true });
    expect(taken).toEqual([loaded]);
    expect(told).toMatchObject([{ kind: 'reloaded', inputs: { timeoutMs: '0 -> 4' } }]);
  });

  it('not taken over: says why', async () => {
    load({ slotsPerPool: 4 });
    const answer = room().reload();
    takeOvers[0]?.done('no process was parked');
    expect(await answer).toEqual({ ok: false, notTaken: 'no process was parked' });
    expect(taken).toEqual([]);
    expect(told).toMatchObject([{ kind: 'notReloaded' }]);
  });

  it('bad: nothing is taken over', async () => {
    loaded = { ok: false, problems: [problem] };
    expect(await room().reload()).toEqual({ ok: false, problems: [problem] });
    expect(takeOvers).toEqual([]);
    expect(told[0]?.about).toContain('here: wrong');
  });

  it('one at a time, and again after one has ended', async () => {
    load({ slotsPerPool: 4 });
    const reload = room();
    const first = reload.reload();
    expect(await reload.reload()).toEqual({ ok: false, notTaken: 'a reload is under way' });
    takeOvers[0]?.done();
    await first;
    void reload.reload();
    expect(takeOvers).toHaveLength(2);
  });
});

describe('the service manager', () => {
  it('hears of the beginning and of the end', async () => {
    load({ slotsPerPool: 4 });
    const answer = room().reload();
    expect(service).toEqual(['reloading']);
    takeOvers[0]?.done();
    await answer;
    expect(service).toEqual(['reloading', 'serving']);
  });

  it('hears why nothing was taken over: the daemon is ready all the same', async () => {
    loaded = { ok: false, problems: [problem] };
    await room().reload();
    expect(service).toEqual(['reloading', expect.stringContaining('wrong')]);
  });

  it('hears of the end of a reload that waits for a restart: it would wait, too', async () => {
    life.input('restart');
    expect(await room().reload()).toEqual({ ok: false, notTaken: 'a restart is under way' });
    expect(service).toEqual(['reloading', expect.stringContaining('a restart is under way')]);
  });

  it('does not hear that a daemon is ready that it has told to stop meanwhile', async () => {
    load({ slotsPerPool: 4 });
    const answer = room().reload();
    life.input('stop');
    takeOvers[0]?.done('stopped');
    await answer;
    expect(service).toEqual(['reloading']);
  });
});
