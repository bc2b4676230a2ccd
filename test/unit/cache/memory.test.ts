/** The memory against a model that keeps a plain list. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerMemory, bytesOf, type Moment } from '../../../supervisor/cache/memory.js';
import type { KeptAnswer } from '../../../supervisor/contract/caching.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';

const BOUNDS = { entriesMax: 4, bytesMax: 2_000 };

type Step =
  | { kind: 'put'; name: string; length: number; ttlMs: number; ageMs: number }
  | { kind: 'get'; name: string }
  | { kind: 'clear'; validator: string | undefined }
  | { kind: 'pass'; nowMs: number; wallMs: number };

const names = fc.constantFrom('a1', 'a2', 'a3', 'b1', 'b2', 'b3');
const put = fc.record({
  kind: fc.constant('put' as const),
  name: names,
  length: fc.constantFrom(10, 10, 10, 10, 400, 1_500, 5_000),
  ttlMs: fc.constantFrom(5, 100, 1_000),
  ageMs: fc.constantFrom(0, 0, 0, 50, -50),
});
const pass = fc.record({
  kind: fc.constant('pass' as const),
  nowMs: fc.constantFrom(0, 1, 60, 500),
  wallMs: fc.constantFrom(0, 1, 60, 500, -10),
});
const clear = fc.record({ kind: fc.constant('clear' as const), validator: fc.constantFrom('a', 'b', undefined) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: put },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('get' as const), name: names }) },
  { weight: 2, arbitrary: pass },
  { weight: 1, arbitrary: clear },
);

/** Whatever is in it, used longest ago first. */
class Model {
  all: { answer: KeptAnswer; bornMs: number }[] = [];
  evictions = 0;
  expired = 0;

  put(answer: KeptAnswer, { nowMs, wallMs }: Moment): void {
    const bornMs = nowMs - (wallMs - answer.keptAtMs);
    if (bytesOf(answer) > BOUNDS.bytesMax || !isGood({ answer, bornMs }, { nowMs, wallMs })) return;
    this.all = [...this.all.filter((one) => one.answer.key !== answer.key), { answer, bornMs }];
    while (this.all.length > BOUNDS.entriesMax || this.bytes > BOUNDS.bytesMax) {
      this.all.shift();
      this.evictions++;
    }
  }

  get(key: string, now: Moment): string | undefined {
    const found = this.all.find((one) => one.answer.key === key);
    if (found === undefined) return undefined;
    this.all = this.all.filter((one) => one !== found);
    if (!isGood(found, now)) this.expired++;
    else this.all.push(found);
    return isGood(found, now) ? found.answer.text : undefined;
  }

  get bytes(): number {
    return this.all.reduce((sum, { answer }) => sum + bytesOf(answer), 0);
  }
}

function isGood({ answer, bornMs }: { answer: KeptAnswer; bornMs: number }, { nowMs, wallMs }: Moment): boolean {
  const ages = [nowMs - bornMs, wallMs - answer.keptAtMs];
  return ages.every((ageMs) => ageMs < answer.ttlMs) && wallMs >= answer.keptAtMs;
}

test('answers what the model answers: expiry by both clocks, size, bytes, order, counts', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const memory = new AnswerMemory(BOUNDS);
      const model = new Model();
      let now: Moment = { nowMs: 0, wallMs: 1_000_000 };
      let serial = 0;
      for (const one of steps) {
        switch (one.kind) {
          case 'put': {
            const text = String(serial++).padEnd(one.length, 'x');
            const answer = {
              key: one.name,
              validator: one.name.slice(0, 1),
              text,
              keptAtMs: now.wallMs - one.ageMs,
              ttlMs: one.ttlMs,
            };
            memory.put(answer, now);
            model.put(answer, now);
            break;
          }
          case 'get':
            expect(memory.get(one.name, now)).toBe(model.get(one.name, now));
            break;
          case 'clear': {
            const kept = model.all.filter(
              ({ answer }) => one.validator !== undefined && answer.validator !== one.validator,
            );
            expect(memory.clear(one.validator)).toBe(model.all.length - kept.length);
            model.all = kept;
            break;
          }
          case 'pass':
            now = { nowMs: now.nowMs + one.nowMs, wallMs: now.wallMs + one.wallMs };
        }
        const { bytes, evictions, expired } = model;
        expect({ size: memory.size, ...memory.counts }).toEqual({ size: model.all.length, bytes, evictions, expired });
      }
    }),
    { numRuns: 500 },
  );
});

const NOW = { nowMs: 0, wallMs: 0 };
const answer = (key: string, length: number) => ({
  key,
  validator: 'v',
  text: 'x'.repeat(length),
  keptAtMs: 0,
  ttlMs: 1_000,
});

test('an answer that is put again at the bound takes no other with it', () => {
  const memory = new AnswerMemory({ entriesMax: 2, bytesMax: 10_000 });
  for (const key of ['a', 'b', 'b']) memory.put(answer(key, 1), NOW);
  expect(memory.get('a', NOW)).toBe('x');
  expect(memory.counts.evictions).toBe(0);
});

test('a large answer is not kept, whatever room there is', () => {
  const memory = new AnswerMemory({ entriesMax: 2, bytesMax: 2 ** 30 });
  expect(memory.put(answer('a', LIMITS.cacheEntryMaxBytes), NOW)).toBe(false);
  expect(memory.put(answer('a', LIMITS.cacheEntryMaxBytes / 2), NOW)).toBe(true);
});

test('what the machine has slept through counts', () => {
  const memory = new AnswerMemory(BOUNDS);
  memory.put(answer('a', 1), NOW);
  expect(memory.get('a', { nowMs: 1, wallMs: 3_600_000 })).toBeUndefined();
});

test('smaller bounds hold at once, the one that was used longest ago goes first; larger ones give room', () => {
  const now = { nowMs: 0, wallMs: 0 };
  const answer = (key: string): KeptAnswer => ({ key, validator: 'v', text: '{}', keptAtMs: 0, ttlMs: 1_000 });
  const memory = new AnswerMemory(BOUNDS);
  for (const key of ['a', 'b', 'c']) memory.put(answer(key), now);
  memory.get('a', now);
  memory.bound({ ...BOUNDS, entriesMax: 2 });
  expect(['a', 'b', 'c'].filter((key) => memory.has(key))).toEqual(['a', 'c']);
  memory.bound(BOUNDS);
  for (const key of ['d', 'e']) memory.put(answer(key), now);
  expect(memory.size).toBe(4);
});
