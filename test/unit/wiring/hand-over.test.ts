import { beforeEach, describe, expect, it } from 'vitest';
import type { Restarted } from '../../../supervisor/contract/changes.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { DaemonLife } from '../../../supervisor/wiring/daemon-life.js';
import { createHandOver } from '../../../supervisor/wiring/hand-over.js';
import type { StartedSuccessor } from '../../../supervisor/wiring/successor.js';
import { FakeClock } from '../../lib/fake-clock.js';

let clock: FakeClock;
let log: string[];
let obstacle: { why: string; remedy: string } | undefined;
let started: (answer: StartedSuccessor) => void;
let hurryFromSuccessor: (budgetMs: number) => void;
let callsToCome: number;
let drained: () => void;
let hasPredecessor: boolean;
let life: DaemonLife;
let restart: () => Promise<Restarted>;

const successor = {
  pid: 8,
  onHurry: (hurry: (budgetMs: number) => void) => {
    hurryFromSuccessor = hurry;
  },
};

async function pass(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs <= ms; passedMs += 1000) {
    clock.pass(Math.min(1000, ms));
    await new Promise((done) => setImmediate(done));
  }
}

beforeEach(() => {
  clock = new FakeClock();
  log = [];
  obstacle = undefined;
  callsToCome = 0;
  hasPredecessor = false;
  life = new DaemonLife(clock);
  life.input('ready');
  restart = createHandOver({
    clock,
    life,
    tell: ({ kind }) => log.push(kind),
    obstacle: () => obstacle,
    startSuccessor: () => {
      log.push('start');
      return new Promise((resolve) => {
        started = resolve;
      });
    },
    takeBack: () => log.push('take back'),
    stopListening: () => log.push('stop listening'),
    callsToCome: () => callsToCome,
    drained: () => {
      log.push('drain');
      return new Promise((resolve) => {
        drained = resolve;
      });
    },
    hasPredecessor: () => hasPredecessor,
    hurryPredecessor: (budgetMs) => log.push(`hurry ${budgetMs}`),
    closeRooms: () => [async () => void log.push('close')],
    leave: () => log.push('leave'),
  });
});

describe('restart', () => {
  it('an obstacle: nothing is started', async () => {
    obstacle = { why: 'a terminal', remedy: 'cold' };
    expect(await restart()).toEqual({ ok: false, why: 'a terminal', remedy: 'cold' });
    expect(log).toEqual([]);
  });

  it('listens on until the successor is ready, answers, drains, closes', async () => {
    const answer = restart();
    await pass(5_000);
    expect(log).toEqual(['start']);
    started({ ok: true, successor });
    expect(await answer).toEqual({ ok: true, pid: 8 });
    await pass(20);
    expect(log).toEqual(['start', 'replaced', 'stop listening', 'drain']);
    drained();
    await pass(20);
    expect(log.slice(-2)).toEqual(['close', 'leave']);
  });

  it('pools are drained once no call is to come any more', async () => {
    callsToCome = 1;
    const answer = restart();
    started({ ok: true, successor });
    await answer;
    await pass(30_000);
    expect(log).not.toContain('drain');
    callsToCome = 0;
    await pass(20);
    expect(log.at(-1)).toBe('drain');
  });

  it('a successor that fails: what it took is ours again, nothing stops, and another may be tried', async () => {
    const answer = restart();
    started({ ok: false, why: 'bad file' });
    expect(await answer).toMatchObject({ ok: false, why: 'bad file' });
    expect(log).toEqual(['start', 'take back', 'notReplaced']);
    void restart();
    expect(log.at(-1)).toBe('start');
  });

  it('one that is ready only when this daemon is being stopped has been killed by then: nothing is given up twice', async () => {
    const answer = restart();
    life.input('stop');
    started({ ok: true, successor });
    expect(await answer).toEqual({ ok: false, why: 'the daemon is being stopped', remedy: '' });
    expect([log, life.state]).toEqual([['start', 'take back', 'notReplaced'], 'draining']);
  });

  it('one at a time', async () => {
    void restart();
    expect(await restart()).toMatchObject({ ok: false, why: 'a restart is under way' });
  });
});

describe('a task that does not end', () => {
  beforeEach(async () => {
    const answer = restart();
    started({ ok: true, successor });
    await answer;
  });

  it('is waited for as long as an agent would', async () => {
    await pass(LIMITS.replacedDrainMaxMs - 5_000);
    expect(log.at(-1)).toBe('drain');
    await pass(6_000);
    expect(log.slice(-2)).toEqual(['close', 'leave']);
  });

  it('for as long as the successor says', async () => {
    hurryFromSuccessor(30_000);
    await pass(28_000);
    expect(log).not.toContain('close');
    await pass(3_000);
    expect(log.slice(-2)).toEqual(['close', 'leave']);
  });

  it('and for a shorter budget if that comes later', async () => {
    hurryFromSuccessor(30_000);
    life.allow(0);
    await pass(1_000);
    expect(log.slice(-2)).toEqual(['close', 'leave']);
  });
});

describe('a predecessor that still runs hooks', () => {
  beforeEach(async () => {
    hasPredecessor = true;
    const answer = restart();
    started({ ok: true, successor });
    await answer;
    await pass(20);
    drained();
  });

  it('is waited for: who takes over from us cannot speak to it', async () => {
    await pass(LIMITS.replacedDrainMaxMs - 5_000);
    expect(log.at(-1)).toBe('drain');
    hasPredecessor = false;
    await pass(20);
    expect(log).toContain('close');
  });

  it('is told to hurry when we are, and has a moment to end', async () => {
    hurryFromSuccessor(3_000);
    expect(log.at(-1)).toBe('hurry 3000');
    await pass(2_000);
    expect(log).not.toContain('close');
    await pass(2_000);
    expect(log).toContain('close');
  });
});
