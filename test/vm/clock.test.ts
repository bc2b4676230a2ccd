/** The clock that people set, set by hours in a guest of its own: nothing of the product goes by it but the moments that it
 *  tells. The guest runs clock.py, which collects; what it collected is judged here. */
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Explanation } from '../../supervisor/contract/outcome.js';
import { inGuest } from './in-guest.js';

const GUEST_TIMEOUT_S = 300; // 60 on a quiet machine without KVM

interface Answer {
  exitCode: number;
  stdout: string;
  stderr: string;
  explained: Explanation;
}

interface Jump {
  patient: Answer;
  overdue: Answer;
  overdueTookMs: number;
}

interface Facts {
  timeoutMs: number;
  ahead: Jump;
  back: Jump;
  uptime: { toldMs: number; mostMs: number }[];
  restart: { waitsMs: (number | null)[]; askedForMs: number; tookMs: number };
  after: Answer;
  exit: number;
}

const guest = inGuest('guest/clock.py', GUEST_TIMEOUT_S);
let facts: Facts;

beforeAll(async () => {
  const said = await guest.boot();
  if (said !== undefined) facts = JSON.parse(said) as Facts;
}, guest.timeoutMs);

beforeEach(guest.skipWithout);

it.each(['ahead', 'back'] as const)('%s under running hooks: one answers, the other ends at its own time', (way) => {
  const { patient, overdue, overdueTookMs } = facts[way];
  expect(patient).toMatchObject({ exitCode: 0, stdout: 'got word\n', stderr: '', explained: { outcome: 'answered' } });
  expect(overdue).toMatchObject({ exitCode: 1, stdout: '', explained: { outcome: 'timedOut' } });
  expect(overdueTookMs).toBeGreaterThanOrEqual(facts.timeoutMs);
  expect(overdueTookMs).toBeLessThan(facts.timeoutMs + 30_000);
});

it('while a restart waits: it neither comes at once nor after hours', () => {
  const { waitsMs, askedForMs, tookMs } = facts.restart;
  const [first = 0, ...later] = waitsMs.map((ms) => ms ?? 0);
  for (const ms of later) {
    expect(ms).toBeGreaterThanOrEqual(first - askedForMs - 100);
    expect(ms).toBeLessThanOrEqual(first);
  }
  expect(tookMs).toBeGreaterThanOrEqual(first - 1_000);
  expect(tookMs).toBeLessThan(first + 60_000);
});

it('the daemon tells how long it has run, answers, and ends as ever', () => {
  for (const { toldMs, mostMs } of facts.uptime) {
    expect(toldMs).toBeGreaterThan(0);
    expect(toldMs).toBeLessThanOrEqual(mostMs);
  }
  expect(facts.after).toMatchObject({ exitCode: 0, stdout: 'after\n', explained: { path: 'exec' } });
  expect(facts.exit).toBe(0);
});
