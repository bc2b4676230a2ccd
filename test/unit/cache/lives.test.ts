/** The whole cache over several lives of the daemon, against what it may know: an answer that is used again is that of the same question,
 *  asked no longer ago than allowed, with the same file, and not forgotten since. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerCache } from '../../../supervisor/cache/cache.js';
import type { KeptAnswer } from '../../../supervisor/contract/caching.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { RULE, SPEC, toolEvent } from '../../lib/validators.js';

const BORN_MS = Date.UTC(2026, 10, 27);
const TTL_MS = 1_000;
const SPECS = ['v', 'w'].map((name) => ({ ...SPEC, name }));
const rule = { ...RULE, ttlMs: TTL_MS, files: ['/rules'] };

const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      spec: fc.constantFrom(...SPECS),
      command: fc.constantFrom('a', 'b', 'c'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 400, 999, 5_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('set' as const), ms: fc.constantFrom(-3_000, -1, 600, 10_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), content: fc.constantFrom('1', '2') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('clear' as const), validator: fc.constantFrom('v', 'w', undefined) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

class World {
  readonly clock = new FakeClock();
  /** What has been set is added to what has passed. */
  setMs = 0;
  content = '1';
  serial = 0;
  shelf = new Map<string, KeptAnswer>();
  /** So far, in all. */
  setBackMs = 0;
  life = 0;
  /** Question -> its answer, and when that was asked by the clock that nobody sets. */
  known = new Map<string, { reason: string; atMs: number; setBackMs: number; life: number }>();
  cache = this.start();
  kept = 0;

  restart(): void {
    this.life++;
    this.cache = this.start();
  }

  start(): AnswerCache {
    const rooms = {
      clock: this.clock,
      wallMs: () => BORN_MS + this.clock.now + this.setMs,
      files: { of: async () => ({ digest: this.content, stamp: this.content }) },
      shelf: {
        save: (answer: KeptAnswer) => void this.shelf.set(answer.key, answer),
        forget: (name: string | undefined) => {
          for (const [key, { validator }] of this.shelf)
            if (name === undefined || validator === name) this.shelf.delete(key);
        },
      },
    };
    const cache = new AnswerCache(rooms, { entriesMax: 5, bytesMax: 100_000 });
    cache.restore([...this.shelf.values()]);
    return cache;
  }

  async ask(spec: (typeof SPECS)[number], command: string): Promise<void> {
    const fresh = `${++this.serial}`;
    const question = { spec, code: 'c', rule, event: toolEvent('Bash', { command }), env: () => undefined };
    const compute = async () => ({ kind: 'answered' as const, verdict: { decision: 'deny' as const, reason: fresh } });
    const { outcome, source } = await this.cache.ask({ ...question, deadlineMs: this.clock.now + 10, compute });
    const reason = outcome.kind === 'answered' ? outcome.verdict.reason : expect.fail(outcome.kind);
    const name = [spec.name, command, this.content].join();
    if (source === 'computed') {
      expect(reason).toBe(fresh);
      this.known.set(name, { reason: fresh, atMs: this.clock.now, setBackMs: this.setBackMs, life: this.life });
      return;
    }
    this.kept++;
    const last = this.known.get(name) ?? expect.fail(`nobody has asked for ${name}`);
    expect(reason).toBe(last.reason);
    // Only the clock that was set goes on from one life to the next.
    const slackMs = last.life === this.life ? 0 : this.setBackMs - last.setBackMs;
    expect(this.clock.now - last.atMs).toBeLessThan(TTL_MS + slackMs);
  }

  set(ms: number): void {
    this.setMs += ms;
    this.setBackMs += Math.max(0, -ms);
  }

  clear(validator: string | undefined): void {
    this.cache.clear(validator);
    for (const name of this.known.keys())
      if (validator === undefined || name.startsWith(validator)) this.known.delete(name);
  }
}

test('over many lives, clocks that are set, edits and clears: nothing is used again that may not be', async () => {
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const world = new World();
      for (const one of steps) {
        if (one.kind === 'ask') await world.ask(one.spec, one.command);
        else if (one.kind === 'pass') world.clock.pass(one.ms);
        else if (one.kind === 'set') world.set(one.ms);
        else if (one.kind === 'edit') world.content = one.content;
        else if (one.kind === 'clear') world.clear(one.validator);
        else world.restart();
      }
      kept += world.kept;
    }),
    { numRuns: 300 },
  );
  expect(kept).toBeGreaterThan(300);
});
