/** What confined hooks say of refusals: which of it is told, and how often. */
import { beforeEach, expect, test } from 'vitest';
import type { Happening } from '../../../supervisor/contract/happening.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { type DeniedCall, DeniedWatch } from '../../../supervisor/monitor/denied.js';

let told: Happening[];
let nowMs: number;
let watch: DeniedWatch;

beforeEach(() => {
  told = [];
  nowMs = 0;
  watch = new DeniedWatch(
    (happening) => told.push(happening),
    () => nowMs,
  );
});

function ended(change: Partial<DeniedCall> = {}): void {
  watch.ended('pool', { handler: '/h', level: 'restricted', denialsTold: 2, ...change });
}

test('the first denial of a handler is told, with its level and how much of it there is', () => {
  ended();
  expect(told).toEqual([
    {
      ...{ kind: 'denied', pool: 'pool', about: '/h says that it was refused something' },
      inputs: { handler: '/h', level: 'restricted', denials: 2, calls: 1 },
    },
  ]);
});

test('a call that was denied nothing is not told', () => {
  ended({ denialsTold: 0 });
  expect(told).toEqual([]);
});

test('of one handler one is told a minute, with the calls since; of another its own', () => {
  for (let call = 0; call < 3; call++) ended();
  ended({ handler: '/other' });
  nowMs = LIMITS.deniedToldEveryMs;
  ended();
  expect(told.map(({ inputs }) => [inputs?.handler, inputs?.calls])).toEqual([
    ['/h', 1],
    ['/other', 1],
    ['/h', 3],
  ]);
});

test('no more handlers are remembered than the bound says: the one that was denied longest ago goes', () => {
  ended();
  for (let other = 0; other < LIMITS.usualHandlersMax; other++) ended({ handler: `/h${other}` });
  told = [];
  ended({ handler: '/h1' });
  ended();
  expect(told.map(({ inputs }) => inputs?.handler)).toEqual(['/h']);
});
