/** A session of 500 events through the cache, with real files that change: no answer may differ from a fresh one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AnswerCache } from '../../../supervisor/cache/cache.js';
import { FileDigests } from '../../../supervisor/cache/file-digests.js';
import { systemClock } from '../../../supervisor/contract/clock.js';
import type { ValidatorOutcome } from '../../../supervisor/contract/validating.js';
import { type ReplayedQuestion, replaySession } from '../../lib/session-replay.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-session-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cacheOf = (bounds: { entriesMax: number; bytesMax: number }) =>
  new AnswerCache(
    {
      clock: systemClock,
      wallMs: Date.now,
      files: new FileDigests(systemClock, Date.now),
      shelf: { save() {}, forget() {} },
    },
    bounds,
  );

function through(cache: AnswerCache) {
  return async ({ compute, ...question }: ReplayedQuestion) => {
    const answer = async (): Promise<ValidatorOutcome> => ({ kind: 'answered', verdict: await compute() });
    const deadlineMs = systemClock.nowMs() + 60_000;
    const { outcome } = await cache.ask({ ...question, code: 'c', deadlineMs, compute: answer });
    return outcome.kind === 'answered' ? outcome.verdict : expect.fail(outcome.kind);
  };
}

test.each([1, 2, 3])('session %i: nothing stale, most is not computed again', async (seed) => {
  const cache = cacheOf({ entriesMax: 1_000, bytesMax: 2 ** 20 });
  const { asked, computed, stale } = await replaySession({ ask: through(cache), folder, seed });
  const { hits, misses, shared, hitRatio } = cache.stats();
  expect(stale).toEqual([]);
  expect(asked).toBeGreaterThan(500);
  expect(hits + misses + shared).toBe(asked);
  expect(computed).toBe(misses);
  expect(hitRatio).toBeGreaterThan(0.5);
});

test('a cache that has room for a few only: nothing stale either', async () => {
  const cache = cacheOf({ entriesMax: 8, bytesMax: 3_000 });
  const { stale } = await replaySession({ ask: through(cache), folder });
  expect(stale).toEqual([]);
  expect(cache.stats().evictions).toBeGreaterThan(50);
});
