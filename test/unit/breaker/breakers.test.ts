/** Breakers by name: against a model of their own, through restarts, and what is told of them. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Breakers } from '../../../supervisor/breaker/breakers.js';
import { BREAKER_DEFAULTS, type BreakerChange, type BreakerSettings } from '../../../supervisor/contract/breaking.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { type FailureCause, OPENS_BREAKER, type ValidatorOutcome } from '../../../supervisor/contract/validating.js';

const S = BREAKER_DEFAULTS;
const WALL_MS = Date.UTC(2026, 10, 27);
const OK: ValidatorOutcome = { kind: 'answered', verdict: { decision: 'deny' } };
const SKIPPED: ValidatorOutcome = { kind: 'skipped', because: '' };
const failed = (cause: FailureCause = 'crashed'): ValidatorOutcome => ({ kind: 'failed', cause, message: 'it died' });

let changes: BreakerChange[];
let breakers: Breakers;
beforeEach(() => {
  changes = [];
  breakers = make();
});
const make = (settings: BreakerSettings = S) => new Breakers(settings, (change) => changes.push(change));

function open(name = 'v', nowMs = 0): void {
  for (let n = 0; n < S.failuresToOpen; n++) breakers.told(name, failed(), nowMs);
}
const phases = (nowMs = 0) => Object.fromEntries(breakers.list(nowMs).map(({ name, phase }) => [name, phase]));

describe('what counts', () => {
  test.each(Object.entries(OPENS_BREAKER) as [FailureCause, boolean][])('a failure that %s: %s', (cause, opens) => {
    for (let n = 0; n < S.failuresToOpen; n++) breakers.told('v', failed(cause), 0);
    expect(breakers.allow('v', 0)).toEqual(opens ? { refusedUntilMs: S.openMs } : 'yes');
  });

  test('a deny is a success, what was skipped is nothing', () => {
    for (let n = 0; n < 2 * S.failuresToOpen; n++) breakers.told('v', n % 2 ? OK : SKIPPED, 0);
    expect(breakers.list(0)).toEqual([]);
  });

  test('each validator has its own', () => {
    open('v');
    expect(breakers.allow('other', 0)).toBe('yes');
  });
});

test('every change is told once, with its reason; the list says when it is tried again', () => {
  open();
  expect(breakers.list(1_000)).toEqual([
    {
      name: 'v',
      phase: 'open',
      failuresInARow: 0,
      successes: 0,
      retryInMs: S.openMs - 1_000,
      reason: 'crashed: it died',
    },
  ]);
  for (let n = 0; n < S.successesToClose; n++) {
    breakers.allow('v', S.openMs);
    breakers.told('v', OK, S.openMs);
  }
  expect(changes).toEqual([
    { name: 'v', from: 'closed', to: 'open', about: 'crashed: it died' },
    { name: 'v', from: 'open', to: 'halfOpen', about: 'it is tried again' },
    { name: 'v', from: 'halfOpen', to: 'closed', about: 'it answers again' },
  ]);
  expect(breakers.list(S.openMs)).toEqual([]);
});

test('a trial that is not heard of is the reason that it opens again', () => {
  open();
  breakers.allow('v', S.openMs);
  breakers.allow('v', S.openMs + S.trialTimeoutMs);
  expect(changes.at(-1)).toEqual({ name: 'v', from: 'halfOpen', to: 'open', about: 'a trial did not answer' });
});

test('reset closes one, or all', () => {
  open('v');
  open('w');
  breakers.reset('v');
  expect(phases()).toEqual({ w: 'open' });
  breakers.reset();
  expect(phases()).toEqual({});
  open('v');
  breakers.reset('v', 'its code has changed');
  expect(changes.filter(({ to }) => to === 'closed').map(({ name, about }) => [name, about])).toEqual([
    ['v', 'reset'],
    ['w', 'reset'],
    ['v', 'its code has changed'],
  ]);
});

test('there are never more than the bound; one that is open stays', () => {
  open('held');
  for (let n = 0; n < 2 * LIMITS.breakersMax; n++) breakers.told(`v${n}`, failed(), 0);
  expect(breakers.list(0)).toHaveLength(LIMITS.breakersMax);
  expect(breakers.allow('held', 0)).not.toBe('yes');
});

/** As the rules say it, in other words than the table: what happened, looked at from the end. */
class Model {
  phase: 'closed' | 'open' | 'halfOpen' = 'closed';
  private row = 0;
  private failures: number[] = [];
  private sinceMs = 0;
  private successes = 0;
  private trials: number[] = [];

  allow(nowMs: number): boolean {
    this.look(nowMs);
    if (this.phase === 'open') return false;
    if (this.phase === 'closed') return true;
    if (this.trials.length === S.trialsMax) return false;
    this.trials.push(nowMs);
    return true;
  }

  told(outcome: ValidatorOutcome, nowMs: number): void {
    this.look(nowMs);
    const isGood = outcome.kind === 'answered';
    const isBad = outcome.kind === 'failed' && OPENS_BREAKER[outcome.cause];
    if (this.phase === 'closed') {
      if (isGood) this.row = 0;
      if (!isBad) return;
      this.row++;
      this.failures.push(nowMs);
      const lately = this.failures.filter((atMs) => atMs > nowMs - S.failuresWindowMs).length;
      if (this.row >= S.failuresToOpen || lately >= S.failuresToOpen) this.open(nowMs);
    } else if (this.phase === 'halfOpen' && this.trials.shift() !== undefined) {
      if (isBad) this.open(nowMs);
      else if (isGood && ++this.successes === S.successesToClose) Object.assign(this, new Model());
    }
  }

  /** Trials end with the daemon. */
  restart(): void {
    this.trials = [];
  }

  look(nowMs: number): void {
    const [first] = this.trials;
    if (first !== undefined && nowMs >= first + S.trialTimeoutMs) this.open(first + S.trialTimeoutMs);
    if (this.phase !== 'open' || nowMs < this.sinceMs + S.openMs) return;
    this.phase = 'halfOpen';
    this.successes = 0;
  }

  private open(atMs: number): void {
    Object.assign(this, { ...new Model(), phase: 'open', sinceMs: atMs });
  }
}

type Step =
  | { kind: 'ask' }
  | { kind: 'told'; outcome: ValidatorOutcome }
  | { kind: 'pass'; ms: number }
  | { kind: 'restart' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'ask' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('told' as const),
      outcome: fc.constantFrom(OK, SKIPPED, failed(), failed(), failed('timedOut'), failed('refused')),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 4_000, 29_999, 30_000, 60_000) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

test('does what the model does, also when it is begun anew from what was kept of it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      let real = make();
      const model = new Model();
      let nowMs = 1_000;
      for (const one of steps) {
        switch (one.kind) {
          case 'ask':
            expect(real.allow('v', nowMs) === 'yes').toBe(model.allow(nowMs));
            break;
          case 'told':
            real.told('v', one.outcome, nowMs);
            model.told(one.outcome, nowMs);
            break;
          case 'pass':
            nowMs += one.ms;
            break;
          case 'restart': {
            model.look(nowMs);
            const kept = real.snapshot(nowMs, WALL_MS + nowMs);
            real = make();
            real.restore(kept, nowMs, WALL_MS + nowMs);
            model.restart();
          }
        }
        model.look(nowMs);
        expect(real.list(nowMs)[0]?.phase ?? 'closed').toBe(model.phase);
      }
    }),
    { numRuns: 500 },
  );
});

describe('another life', () => {
  const reborn = (text: string, wallMs: number, nowMs = 7) => {
    breakers = make();
    breakers.restore(text, nowMs, wallMs);
    return breakers;
  };

  test('goes on where the last one ended, by the clock that goes on between them', () => {
    open('v', 500_000);
    const kept = breakers.snapshot(500_000, WALL_MS);
    expect(reborn(kept, WALL_MS + 10_000).allow('v', 7)).toEqual({ refusedUntilMs: 7 + S.openMs - 10_000 });
    expect(reborn(kept, WALL_MS + S.openMs).allow('v', 7)).toBe('yes');
  });

  test('a clock that was set back keeps none open for longer than one that opens now', () => {
    open('v', 500_000);
    const kept = breakers.snapshot(500_000, WALL_MS);
    expect(reborn(kept, WALL_MS - 1e9).allow('v', 7)).toEqual({ refusedUntilMs: 7 + S.openMs });
  });

  test('failures that seem to lie ahead do not count as late ones', () => {
    for (let n = 1; n < S.failuresToOpen; n++) breakers.told('v', failed(), 500_000);
    breakers.told('v', OK, 500_000);
    const kept = breakers.snapshot(500_000, WALL_MS);
    for (const [wallMs, phase] of [
      [WALL_MS, 'open'],
      [WALL_MS - 60_000, 'closed'],
    ] as const) {
      reborn(kept, wallMs).told('v', failed(), 7);
      expect(phases(7)).toEqual({ v: phase });
    }
  });

  test('trials that have succeeded count on, those under way are gone', () => {
    open();
    for (let n = 0; n < S.trialsMax; n++) breakers.allow('v', S.openMs);
    for (let n = 1; n < S.successesToClose; n++) breakers.told('v', OK, S.openMs);
    reborn(breakers.snapshot(S.openMs, WALL_MS), WALL_MS);
    breakers.told('v', OK, 7);
    expect(phases(7)).toEqual({ v: 'halfOpen' });
    expect(breakers.allow('v', 7)).toBe('yes');
    breakers.told('v', OK, 7);
    expect(phases(7)).toEqual({});
  });

  test.each<[string, ValidatorOutcome[], string]>([
    ['has answered', [failed(), OK], 'closed'],
    ['has failed', [failed()], 'open'],
    ['was skipped', [SKIPPED], 'open'],
  ])('one that %s since, before that was read: %o, then %s', (_what, outcomes, phase) => {
    open('v');
    const kept = breakers.snapshot(0, WALL_MS);
    breakers = make();
    for (const outcome of outcomes) breakers.told('v', outcome, 0);
    breakers.restore(kept, 0, WALL_MS);
    expect(breakers.list(0).map((one) => one.phase)).toEqual([phase]);
  });

  test('one that is open again since stays so for its own time', () => {
    open('v', 0);
    const kept = breakers.snapshot(0, WALL_MS);
    breakers = make();
    open('v', 20_000);
    breakers.restore(kept, 20_000, WALL_MS + 20_000);
    expect(breakers.allow('v', 20_000)).toEqual({ refusedUntilMs: 20_000 + S.openMs });
  });

  test.each([
    ['no JSON', '[{'],
    ['no list', '{}'],
    ['no breakers', '[null, 1, {"name":"v"}]'],
    ['an unknown phase', '[{"name":"v","phase":"shut","failuresInARow":0,"failedAtMs":[],"untilMs":0,"successes":0}]'],
    [
      'a negative count',
      '[{"name":"v","phase":"halfOpen","failuresInARow":-1,"failedAtMs":[],"untilMs":0,"successes":0}]',
    ],
  ])('%s is left out', (_what, text) => {
    expect(reborn(text, WALL_MS).list(7)).toEqual([]);
  });
});
