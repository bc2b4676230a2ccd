import { describe, expect, it, test } from 'vitest';
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import type { Config } from '../../../supervisor/contract/config.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { DaemonLife } from '../../../supervisor/wiring/daemon-life.js';
import { DAEMON, type DaemonInput, type DaemonState, NOT_NOW } from '../../../supervisor/wiring/daemon-state.js';
import { createHandOver } from '../../../supervisor/wiring/hand-over.js';
import { createReload } from '../../../supervisor/wiring/reload.js';
import { createStop } from '../../../supervisor/wiring/shutdown.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { loadedOf } from '../../lib/loaded-config.js';
import { isWhole } from '../../lib/state-table.js';

const STATES = Object.keys(DAEMON) as DaemonState[];
const INPUTS = Object.keys(DAEMON.starting) as DaemonInput[];
const ENDING: readonly DaemonState[] = ['draining', 'replaced', 'closing', 'stopped'];
const WAY: Readonly<Record<DaemonState, readonly DaemonInput[]>> = {
  starting: [],
  serving: ['ready'],
  reloading: ['ready', 'reload'],
  handingOver: ['ready', 'restart'],
  draining: ['ready', 'stop'],
  replaced: ['ready', 'restart', 'succeeded'],
  closing: ['ready', 'stop', 'empty'],
  stopped: ['ready', 'stop', 'empty', 'closed'],
};

function from(state: DaemonState, ...inputs: DaemonInput[]): DaemonState {
  return inputs.reduce((at, input) => DAEMON[at][input], state);
}

/** One that has come to a state. */
function lifeIn(state: DaemonState, clock = new FakeClock()): DaemonLife {
  const life = new DaemonLife(clock);
  for (const input of WAY[state]) life.input(input);
  expect(life.state).toBe(state);
  return life;
}

/** All acts of the daemon's that an operator may wish for, and what they have done. */
function actsOf(life: DaemonLife) {
  const log: string[] = [];
  const note = (what: string) => () => void log.push(what);
  const config = { ...defaultConfig(0), homeFolder: '/h', runtimeFolder: '/r', stateFolder: '/s' };
  const loaded: Config = { ...config, slotsPerPool: 4 };
  const restart = createHandOver({
    ...{ life, tell() {}, obstacle: () => undefined, takeBack() {}, stopListening() {}, callsToCome: () => 0 },
    startSuccessor() {
      log.push('successor');
      return new Promise(() => {});
    },
    ...{ drained: async () => {}, closeRooms: () => [], leave() {} },
    ...{ clock: new FakeClock(), hasPredecessor: () => false, hurryPredecessor() {} },
  });
  const { reload } = createReload({
    ...{ life, tell() {}, config: () => config, poolIds: () => [], service: { reloading() {}, ready() {} } },
    load: () => loadedOf(loaded),
    taken() {},
    takeOver() {
      log.push('pools');
      return new Promise(() => {});
    },
  });
  const stop = createStop({
    ...{ life, hurryPredecessor() {}, begin: note('begin'), settle() {}, closeIntake: note('intake') },
    ...{ activeCalls: () => 1, closeRooms: () => [], leave: note('leave') },
  });
  return { log, restart, reload, stop };
}

describe('the table of the daemon', () => {
  isWhole(DAEMON, 'starting');

  test('begins a reload or a restart only while it serves, one at a time', () => {
    for (const state of STATES) {
      for (const input of ['reload', 'restart'] as const)
        expect([state, input, DAEMON[state][input] !== state]).toEqual([state, input, state === 'serving']);
      expect([state, NOT_NOW[state] === '']).toEqual([state, state === 'serving']);
    }
  });

  test('serves never again once it ends, whatever comes', () => {
    for (const state of ENDING) for (const input of INPUTS) expect(ENDING).toContain(DAEMON[state][input]);
  });

  test('ends from every state when it is told to, and no other end waits for it', () => {
    for (const state of STATES) expect(from(state, 'stop', 'overdue', 'closed')).toBe('stopped');
  });

  test('closes its rooms only when nothing runs, when that has had its time, or when it could not start', () => {
    for (const state of STATES)
      for (const input of INPUTS)
        if (DAEMON[state][input] === 'closing' && state !== 'closing') {
          const isWaitedFor = (state === 'draining' || state === 'replaced') && /^(empty|overdue)$/.test(input);
          expect([state, input, isWaitedFor || input === 'failed']).toEqual([state, input, true]);
        }
  });

  test('is replaced only by a successor that it has asked for and that is ready', () => {
    for (const state of STATES)
      for (const input of INPUTS)
        if (DAEMON[state][input] === 'replaced' && state !== 'replaced')
          expect([state, input]).toEqual(['handingOver', 'succeeded']);
  });
});

describe.each(STATES)('what is asked of a daemon that is %s', (state) => {
  it('a restart: a successor is started, or it is said why not', () => {
    const life = lifeIn(state);
    const { log, restart } = actsOf(life);
    void restart();
    expect(log).toEqual(state === 'serving' ? ['successor'] : []);
  });

  it('a reload: new pools are tried, or it is said why not', async () => {
    const { log, reload } = actsOf(lifeIn(state));
    const answer = reload();
    expect(log).toEqual(state === 'serving' ? ['pools'] : []);
    if (state !== 'serving') expect(await answer).toEqual({ ok: false, notTaken: NOT_NOW[state] });
  });

  it('a stop: begins once; where it has begun, or another has the sockets, it only shortens the time', async () => {
    const clock = new FakeClock();
    const life = lifeIn(state, clock);
    const { log, stop } = actsOf(life);
    void stop('asked to', 5_000);
    expect(log).toEqual(ENDING.includes(state) ? [] : ['begin', 'intake']);
    void stop('asked to', 0);
    clock.pass(10);
    await new Promise((done) => setImmediate(done));
    expect(log.slice(2)).toEqual(ENDING.includes(state) ? [] : ['leave']);
  });

  it('a signal: waits as long as usual the first time, and no longer the second time or while it stops', () => {
    const life = lifeIn(state);
    const isStopping = ['draining', 'closing', 'stopped'].includes(state);
    expect(life.isStopping).toBe(isStopping);
    expect([life.signalled(), life.signalled()]).toEqual([isStopping ? 0 : LIMITS.drainBudgetMs, 0]);
  });
});
