import { beforeEach, describe, expect, test } from 'vitest';
import { isPlain } from '../../../supervisor/agents/events/merge.js';
import type { Opinion } from '../../../supervisor/agents/events/verdicts.js';
import { Breakers } from '../../../supervisor/breaker/breakers.js';
import { AnswerCache } from '../../../supervisor/cache/cache.js';
import { BREAKER_DEFAULTS } from '../../../supervisor/contract/breaking.js';
import { CACHE_DEFAULTS } from '../../../supervisor/contract/caching.js';
import type { ValidatorSpec } from '../../../supervisor/contract/validating.js';
import { NO_SHELF } from '../../../supervisor/store/shelf.js';
import { decide } from '../../../supervisor/validating/deciding.js';
import { Validators } from '../../../supervisor/validating/validators.js';
import { RULE, SPEC, toolEvent } from '../../lib/validators.js';
import { allowed, isPending, Stage, settled } from './workers.js';

const event = toolEvent('Bash', { command: 'x' });
const deny = { kind: 'answered', verdict: { decision: 'deny', reason: 'no' } } as const;
/** A file that is there, since a validator without one has no identity: nothing is kept then. */
const entry = import.meta.filename;

let stage: Stage;
let breakers: Breakers;
let cache: AnswerCache;
let over: AbortController;
let told: string[];
beforeEach(() => {
  stage = new Stage();
  over = new AbortController();
  told = [];
  breakers = new Breakers(BREAKER_DEFAULTS, () => {});
  const files = { of: async () => undefined };
  cache = new AnswerCache({ clock: stage.clock, wallMs: Date.now, files, shelf: NO_SHELF }, CACHE_DEFAULTS);
});

type Made = Partial<ValidatorSpec> & { name: string };

function validators(...specs: Made[]): Validators {
  const config = {
    validators: specs.map((made) => ({ ...SPEC, runtime: 'python' as const, entry, idempotent: false, ...made })),
  };
  const rooms = { ...stage.crewRooms(), wallMs: Date.now, packageFolder: '/', events: stage.events() };
  return Validators.of(config, rooms);
}

function begin(these: Validators, deadlineAtMs = Number.POSITIVE_INFINITY): Promise<Opinion[]> {
  const { asked, graph } = these.on(event);
  const deciding = { event, env: () => undefined, deadlineAtMs, signal: over.signal };
  const rooms = {
    ...{ clock: stage.clock, asker: stage.asker, cache, breakers },
    answered: (validator: { spec: ValidatorSpec }, { kind }: { kind: string }, source: string) =>
      void told.push(`${validator.spec.name} ${kind} ${source}`),
  };
  return decide(asked, graph, { ...deciding, isPlain: (known) => isPlain(event, known, false) }, rooms);
}

async function workerOf(name: string) {
  await settled();
  const found = stage.workers.findLast(({ spec }) => spec.name === name);
  if (found === undefined) throw new Error(`${name} was not started`);
  return found;
}

const outcomes = (opinions: Opinion[]) => opinions.map(({ name, outcome }) => [name, outcome.kind]);

test('all are asked at once; their opinions come in declared order, whoever was first', async () => {
  const opinions = begin(validators({ name: 'a' }, { name: 'b', onFailure: 'block' }));
  (await workerOf('b')).ready().answer();
  (await workerOf('a')).ready().answer(deny);
  expect(await opinions).toEqual([
    { name: 'a', order: 0, outcome: deny, onFailure: 'continue' },
    { name: 'b', order: 1, outcome: allowed, onFailure: 'block' },
  ]);
});

describe('dependencies', () => {
  test('one that depends on another is asked after it', async () => {
    const opinions = begin(validators({ name: 'b', dependsOn: ['a'] }, { name: 'a' }));
    (await workerOf('a')).ready();
    expect(stage.workers).toHaveLength(1);
    stage.worker.answer();
    (await workerOf('b')).ready().answer();
    expect(outcomes(await opinions)).toEqual([
      ['b', 'answered'],
      ['a', 'answered'],
    ]);
  });

  test('of one that fails those that depend on it are skipped, also at a distance', async () => {
    const opinions = begin(
      validators({ name: 'a' }, { name: 'b', dependsOn: ['a'] }, { name: 'c', dependsOn: ['b'] }, { name: 'd' }),
    );
    (await workerOf('d')).ready().answer();
    (await workerOf('a')).ready().die();
    expect(outcomes(await opinions)).toEqual([
      ['a', 'failed'],
      ['b', 'skipped'],
      ['c', 'skipped'],
      ['d', 'answered'],
    ]);
    expect(stage.workers).toHaveLength(2);
  });
});

describe('an early deny', () => {
  test('ends the waiting for the others, which are skipped and count as nothing', async () => {
    const opinions = begin(
      validators({ name: 'a', onFailure: 'block' }, { name: 'b' }, { name: 'c', dependsOn: ['a'] }),
    );
    (await workerOf('a')).ready();
    (await workerOf('b')).ready().answer(deny);
    expect(outcomes(await opinions)).toEqual([
      ['a', 'skipped'],
      ['b', 'answered'],
      ['c', 'skipped'],
    ]);
    expect(told).toEqual(['b answered worker', 'a skipped worker']);
  });

  test('does not end the workers of the others', async () => {
    const opinions = begin(validators({ name: 'a' }, { name: 'b' }));
    const slow = (await workerOf('a')).ready();
    (await workerOf('b')).ready().answer(deny);
    await opinions;
    expect(slow.ends).toEqual([]);
  });
});

describe('the breaker', () => {
  test('opens after failures in a row: refused without asking, and a deny is no failure', async () => {
    const these = validators({ name: 'a' });
    for (let at = 0; at < BREAKER_DEFAULTS.failuresToOpen; at++) {
      const opinions = begin(these);
      if (at === 0) (await workerOf('a')).ready();
      else await settled();
      stage.worker.answer({ kind: 'failed', cause: 'threw', message: 'oops' });
      await opinions;
    }
    const asks = stage.worker.asks.size;
    const [opinion] = await begin(these);
    expect(opinion?.outcome).toMatchObject({ kind: 'failed', cause: 'refused', retryAfterMs: BREAKER_DEFAULTS.openMs });
    expect(stage.worker.asks.size).toBe(asks);
  });
});

describe('the cache', () => {
  test('answers the same question again without a worker', async () => {
    const these = validators({ name: 'a', cache: RULE });
    const first = begin(these);
    (await workerOf('a')).ready().answer(deny);
    await first;
    expect(outcomes(await begin(these))).toEqual([['a', 'answered']]);
    expect(told).toEqual(['a answered worker', 'a answered cache']);
    expect(stage.worker.asks.size).toBe(1);
  });
});

test('each has its own deadline, and none has more time than the agent', async () => {
  const opinions = begin(validators({ name: 'a', timeoutMs: 100 }, { name: 'b', timeoutMs: 10_000 }), 300);
  (await workerOf('a')).ready();
  (await workerOf('b')).ready();
  stage.clock.pass(100);
  expect(await isPending(opinions)).toBe(true);
  stage.clock.pass(200);
  const messages = (await opinions).map(({ outcome }) => outcome.kind === 'failed' && outcome.message);
  expect(messages).toEqual(['no answer within 100 ms', 'no answer within 300 ms']);
});

test('nobody waits any more: all are skipped', async () => {
  const opinions = begin(validators({ name: 'a' }, { name: 'b', dependsOn: ['a'] }));
  await workerOf('a');
  over.abort();
  expect(outcomes(await opinions)).toEqual([
    ['a', 'skipped'],
    ['b', 'skipped'],
  ]);
});

test('an exception of ours with one of them fails that one alone', async () => {
  const these = validators({ name: 'a' }, { name: 'b' });
  breakers.allow = (name) => {
    if (name === 'a') throw new Error('ours');
    return 'yes';
  };
  const opinions = begin(these);
  (await workerOf('b')).ready().answer();
  const [a, b] = await opinions;
  expect(a?.outcome).toMatchObject({ kind: 'failed', cause: 'crashed', message: expect.stringContaining('ours') });
  expect(b?.outcome).toEqual(allowed);
});
