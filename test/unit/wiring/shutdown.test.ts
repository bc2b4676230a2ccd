import { beforeEach, describe, expect, it } from 'vitest';
import { Drain, stopInOrder } from '../../../supervisor/wiring/shutdown.js';
import { FakeClock } from '../../lib/fake-clock.js';

let clock: FakeClock;
let drain: Drain;
let log: string[];
let activeCalls: number;

async function pass(ms: number): Promise<void> {
  clock.pass(ms);
  await new Promise((done) => setImmediate(done));
}

beforeEach(() => {
  clock = new FakeClock();
  drain = new Drain(clock);
  log = [];
  activeCalls = 1;
});

function stop(): void {
  const own = log; // what goes on after a test must not write into the next one's
  const room = (name: string) => async () => {
    own.push(name);
    await new Promise((done) => setImmediate(done));
    own.push(`${name} closed`);
  };
  void stopInOrder({
    settle: () => own.push('settle'),
    closeIntake: () => own.push('intake'),
    activeCalls: () => activeCalls,
    clock,
    drain,
    closeRooms: [room('pools'), room('driver')],
  });
}

describe('the end of the daemon', () => {
  it('nothing new is taken, running hooks end, then room after room is closed', async () => {
    drain.allow(5_000);
    stop();
    expect(log).toEqual(['settle', 'intake']);
    await pass(3_000);
    expect(log).toHaveLength(2);
    activeCalls = 0;
    for (let turns = 0; turns < 6; turns++) await pass(10);
    expect(log.slice(2)).toEqual(['pools', 'pools closed', 'driver', 'driver closed']);
  });

  it('hooks that do not end are waited for as long as was allowed', async () => {
    drain.allow(5_000);
    stop();
    await pass(4_990);
    expect(log).toHaveLength(2);
    await pass(10);
    expect(log[2]).toBe('pools');
  });

  it('who asks again makes it shorter, never longer', async () => {
    drain.allow(5_000);
    stop();
    await pass(1_000);
    drain.allow(1_000);
    drain.allow(60_000);
    await pass(990);
    expect(log).toHaveLength(2);
    await pass(10);
    expect(log[2]).toBe('pools');
  });
});
