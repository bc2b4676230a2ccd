import { beforeEach, describe, expect, it } from 'vitest';
import { DaemonLife } from '../../../supervisor/wiring/daemon-life.js';
import { createStop } from '../../../supervisor/wiring/shutdown.js';
import { FakeClock } from '../../lib/fake-clock.js';

const BEGUN = ['begin', 'settle', 'intake'];
let clock: FakeClock;
let life: DaemonLife;
let log: string[];
let hurried: number[];
let activeCalls: number;
let stop: (budgetMs: number) => void;

async function pass(ms: number): Promise<void> {
  clock.pass(ms);
  await new Promise((done) => setImmediate(done));
}

beforeEach(() => {
  clock = new FakeClock();
  life = new DaemonLife(clock);
  life.input('ready');
  log = [];
  hurried = [];
  activeCalls = 1;
  const own = log; // what goes on after a test must not write into the next one's
  const room = (name: string) => async () => {
    own.push(name);
    await new Promise((done) => setImmediate(done));
    own.push(`${name} closed`);
  };
  const asked = createStop({
    life,
    hurryPredecessor: (budgetMs) => hurried.push(budgetMs),
    begin: () => own.push('begin'),
    settle: () => own.push('settle'),
    closeIntake: () => own.push('intake'),
    activeCalls: () => activeCalls,
    closeRooms: () => [room('pools'), room('driver')],
    leave: () => own.push('leave'),
  });
  stop = (budgetMs) => void asked('asked to', budgetMs);
});

describe('the end of the daemon', () => {
  it('nothing new is taken, running hooks end, then room after room is closed', async () => {
    stop(5_000);
    expect([log, life.state]).toEqual([BEGUN, 'draining']);
    await pass(3_000);
    expect(log).toEqual(BEGUN);
    activeCalls = 0;
    await pass(10);
    expect(life.state).toBe('closing');
    for (let turns = 0; turns < 6; turns++) await pass(10);
    expect(log.slice(BEGUN.length)).toEqual(['pools', 'pools closed', 'driver', 'driver closed', 'leave']);
    expect(life.state).toBe('stopped');
  });

  it('hooks that do not end are waited for as long as was allowed', async () => {
    stop(5_000);
    await pass(4_990);
    expect(log).toEqual(BEGUN);
    await pass(10);
    expect(log[BEGUN.length]).toBe('pools');
  });

  it('who asks again makes it shorter, never longer', async () => {
    stop(5_000);
    await pass(1_000);
    stop(1_000);
    stop(60_000);
    expect(hurried).toEqual([5_000, 1_000, 60_000]);
    await pass(990);
    expect(log).toEqual(BEGUN);
    await pass(10);
    expect(log[BEGUN.length]).toBe('pools');
  });

  it('of a daemon that another has replaced is only hurried: the sockets are not its own any more', async () => {
    life.input('restart');
    life.input('succeeded');
    stop(0);
    await pass(0);
    expect([log, life.state]).toEqual([[], 'replaced']);
    void life.end(() => false, []);
    await pass(0);
    expect(life.state).toBe('stopped');
  });
});
