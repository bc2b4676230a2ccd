/** Which answers are kept, for whom, and until when. Files, validators and the shelf are the test. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Answer, AnswerCache } from '../../../supervisor/cache/cache.js';
import type { KeptAnswer } from '../../../supervisor/contract/caching.js';
import type { CacheRule, ValidatorOutcome, Verdict } from '../../../supervisor/contract/validating.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { RULE, SPEC, toolEvent } from '../../lib/validators.js';

const BORN_MS = Date.UTC(2026, 10, 27);
const DENY: Verdict = { decision: 'deny', reason: 'no' };

let clock: FakeClock;
let contents: Map<string, { digest: string; stamp: string } | undefined>;
let shelf: KeptAnswer[];
let forgotten: (string | undefined)[];
let cache: AnswerCache;
let computed: number;

beforeEach(() => {
  clock = new FakeClock();
  contents = new Map();
  shelf = [];
  forgotten = [];
  computed = 0;
  cache = make();
});

function make(): AnswerCache {
  const rooms = {
    clock,
    wallMs: () => BORN_MS + clock.now,
    files: { of: async (path: string) => contents.get(path) },
    shelf: {
      save: (answer: KeptAnswer) => shelf.push(answer),
      forget: (name: string | undefined) => forgotten.push(name),
    },
  };
  return new AnswerCache(rooms, { entriesMax: 100, bytesMax: 100_000 });
}

interface What {
  command?: string;
  validator?: string;
  code?: string;
  rule?: Partial<CacheRule>;
  outcome?: ValidatorOutcome | Promise<ValidatorOutcome>;
  deadlineMs?: number;
  signal?: AbortSignal;
}

function ask(what: What = {}): Promise<Answer> {
  const { command = 'ls', validator = 'guard', code = 'c', rule = {}, deadlineMs = clock.now + 1_000, signal } = what;
  const event = toolEvent('Bash', { command });
  const compute = async () => {
    computed++;
    return what.outcome ?? { kind: 'answered', verdict: DENY };
  };
  return cache.ask({
    spec: { ...SPEC, name: validator },
    code,
    rule: { ...RULE, ...rule },
    event,
    env: () => undefined,
    deadlineMs,
    signal,
    compute,
  });
}

const turn = () => new Promise((done) => setImmediate(done));
const answered = (verdict: Verdict): ValidatorOutcome => ({ kind: 'answered', verdict });
const source = async (what?: What) => (await ask(what)).source;

describe('kept', () => {
  test('an answer with a decision, for the same question, until it is too old', async () => {
    expect(await ask()).toEqual({ outcome: answered(DENY), source: 'computed' });
    clock.pass(RULE.ttlMs - 1);
    expect(await ask()).toEqual({ outcome: answered(DENY), source: 'kept' });
    expect(await source({ command: 'rm' })).toBe('computed');
    clock.pass(1);
    expect(await source()).toBe('computed');
    expect(cache.stats()).toMatchObject({ entries: 2, hits: 1, misses: 3, expired: 1, hitRatio: 0.25, unkeyed: 0 });
  });

  test('an answer is as old as its question', async () => {
    let settle = (_outcome: ValidatorOutcome) => {};
    const slow = ask({ outcome: new Promise((resolve) => (settle = resolve)), deadlineMs: 1e9 });
    await turn();
    clock.pass(RULE.ttlMs - 1);
    settle(answered(DENY));
    await slow;
    expect(await source()).toBe('kept');
    clock.pass(1);
    expect(await source()).toBe('computed');
  });

  test('failures and what was skipped: never', async () => {
    const outcomes: ValidatorOutcome[] = [
      { kind: 'failed', cause: 'crashed', message: '' },
      { kind: 'skipped', because: 'x' },
    ];
    for (const outcome of outcomes) {
      const what = { outcome, rule: { negative: true } };
      expect(await ask(what)).toEqual({ outcome, source: 'computed' });
      expect(await source(what)).toBe('computed');
    }
    expect(cache.stats()).toMatchObject({ entries: 0, misses: 4, hitRatio: 0 });
  });

  test.each([
    [false, 'computed'],
    [true, 'kept'],
  ])('an answer without a decision, where `negative` is %s: %s', async (negative, expected) => {
    const what = { outcome: answered({ reason: 'nothing to say' }), rule: { negative } };
    await ask(what);
    expect(await source(what)).toBe(expected);
  });

  test('nobody can change what the next one gets', async () => {
    const verdict: Verdict = { decision: 'allow', updatedInput: { list: [1] } };
    const all = [await ask({ outcome: answered(verdict) }), await ask()];
    for (const { outcome } of all) {
      if (outcome.kind === 'answered') Object.assign(outcome.verdict.updatedInput ?? {}, { list: [2] });
    }
    expect((await ask()).outcome).toEqual(answered({ decision: 'allow', updatedInput: { list: [1] } }));
  });

  test('nothing where no key can be made, and that is counted', async () => {
    const rule = { fields: ['tool_input.comand'] };
    expect([await source({ rule }), await source({ rule })]).toEqual(['computed', 'computed']);
    expect(cache.stats()).toMatchObject({ unkeyed: 2, misses: 0, entries: 0, hitRatio: null });
  });

  test('not beyond a change of code or configuration', async () => {
    await ask();
    expect(await source({ code: 'd' })).toBe('computed');
  });
});

describe('files', () => {
  const rule = { files: ['/p/rules'] };
  const put = (digest: string, stamp = digest) => contents.set('/p/rules', { digest, stamp });

  test('an answer is used while they hold the same', async () => {
    put('1');
    await ask({ rule });
    put('1', 'touched');
    expect(await source({ rule })).toBe('kept');
    put('2');
    expect(await source({ rule })).toBe('computed');
    put('1');
    expect(await source({ rule })).toBe('kept');
  });

  test('one that cannot be told: nothing is kept', async () => {
    expect([await source({ rule }), await source({ rule })]).toEqual(['computed', 'computed']);
    expect(cache.stats().unkeyed).toBe(2);
  });

  test.each([
    ['changed', () => put('2')],
    ['changed and changed back', () => put('1', 'touched')],
    ['made untellable', () => contents.delete('/p/rules')],
  ])('%s while the validator ran: the answer is given, but neither kept nor shared', async (_what, change) => {
    put('1');
    let settle = (_outcome: ValidatorOutcome) => {};
    const first = ask({ rule, outcome: new Promise((resolve) => (settle = resolve)) });
    await turn();
    const follower = ask({ rule, outcome: answered({ decision: 'ask' }) });
    await turn();
    change();
    settle(answered(DENY));
    expect(await first).toEqual({ outcome: answered(DENY), source: 'computed' });
    expect(await follower).toMatchObject({ outcome: answered({ decision: 'ask' }), source: 'computed' });
    put('1');
    expect((await ask({ rule, outcome: answered({ decision: 'allow' }) })).outcome).not.toEqual(answered(DENY));
  });
});

describe('together', () => {
  test('equal questions at a time: one computation, the same answer for all, none of them the same object', async () => {
    const all = await Promise.all([ask(), ask(), ask()]);
    expect(computed).toBe(1);
    expect(all.map((one) => one.source)).toEqual(['computed', 'shared', 'shared']);
    expect(all.map((one) => one.outcome)).toEqual([answered(DENY), answered(DENY), answered(DENY)]);
    expect(all[1]?.outcome).not.toBe(all[2]?.outcome);
    expect(cache.stats()).toMatchObject({ shared: 2, misses: 1, hits: 0, hitRatio: 2 / 3 });
  });

  test('a leader that fails: the next one computes', async () => {
    const failed: ValidatorOutcome = { kind: 'failed', cause: 'crashed', message: 'x' };
    const all = await Promise.all([ask({ outcome: failed }), ask(), ask()]);
    expect(all.map((one) => one.outcome)).toEqual([failed, answered(DENY), answered(DENY)]);
    expect(computed).toBe(2);
  });

  test('who waits in vain, or is not wanted any more, says nothing of the validator', async () => {
    void ask({ outcome: new Promise(() => {}) });
    await turn();
    const abort = new AbortController();
    const late = ask({ deadlineMs: 10 });
    const gone = ask({ signal: abort.signal });
    await turn();
    clock.pass(10);
    abort.abort();
    expect(await late).toMatchObject({ outcome: { kind: 'failed', cause: 'timedOut' }, source: 'gaveUp' });
    expect(await gone).toMatchObject({ outcome: { kind: 'skipped' }, source: 'gaveUp' });
  });
});

describe('clear', () => {
  test('of one validator, of all; the shelf is told', async () => {
    for (const validator of ['a', 'b', 'c']) await ask({ validator });
    expect(cache.clear('b')).toBe(1);
    expect(await source({ validator: 'a' })).toBe('kept');
    expect(await source({ validator: 'b' })).toBe('computed');
    expect(cache.clear()).toBe(3);
    expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 });
    expect(forgotten).toEqual(['b', undefined]);
  });

  test('an answer that was under way is neither kept nor followed', async () => {
    let settle = (_outcome: ValidatorOutcome) => {};
    const first = ask({ outcome: new Promise((resolve) => (settle = resolve)) });
    await turn();
    cache.clear();
    expect(await source({ outcome: answered({ decision: 'ask' }) })).toBe('computed');
    settle(answered(DENY));
    await first;
    expect(await ask()).toEqual({ outcome: answered({ decision: 'ask' }), source: 'kept' });
  });
});

describe('another life', () => {
  test('begins with what the last one has kept, for as long as it may be', async () => {
    await ask();
    clock.pass(1_000);
    cache = make();
    cache.restore(shelf);
    expect(await ask()).toEqual({ outcome: answered(DENY), source: 'kept' });
    clock.pass(RULE.ttlMs - 1_000);
    expect(await source()).toBe('computed');
  });

  test('does not overwrite what is newer, nor bring back what was cleared', async () => {
    await ask();
    const [old] = shelf;
    cache = make();
    await ask({ outcome: answered({ decision: 'ask' }) });
    cache.restore([old as KeptAnswer]);
    expect((await ask()).outcome).toEqual(answered({ decision: 'ask' }));
    cache = make();
    cache.clear('other');
    cache.restore([old as KeptAnswer]);
    expect(cache.stats().entries).toBe(0);
  });

  test.each<[string, Partial<KeptAnswer>]>([
    ['is from the future', { keptAtMs: BORN_MS + 1 }],
    ['is too old', { keptAtMs: BORN_MS - 300_000 }],
    ['may be kept for longer than any', { ttlMs: 1e12 }],
    ['has no JSON', { text: '{"decision":"de' }],
    ['has no verdict', { text: '[]' }],
    ['has an unknown decision', { text: '{"decision":"denY"}' }],
    ['says more than it may', { text: '{"decision":"allow","updatedInput":{}}' }],
  ])('leaves out what %s', async (_what, change) => {
    await ask();
    cache = make();
    cache.restore([{ ...(shelf[0] as KeptAnswer), ...change }]);
    expect(cache.stats().entries).toBe(0);
  });

  test('gets no input of a tool and nothing that was read: those stay in memory', async () => {
    await ask({ outcome: answered({ decision: 'allow', updatedInput: {} }) });
    await ask({ command: 'b', outcome: answered({ decision: 'allow', context: 'read' }) });
    expect(shelf).toEqual([]);
    expect([await source(), await source({ command: 'b' })]).toEqual(['kept', 'kept']);
  });
});
