/** Of those whose worker another has taken along that shared its process, or the operator. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { Crew } from '../../../supervisor/validating/crew.js';
import type { WorkerEnd } from '../../../supervisor/validating/worker.js';
import { allowed, CRASH, FakeWorker, isPending, Stage } from './workers.js';

const ANOTHERS: WorkerEnd = { cause: 'refused', message: 'b took it along', isAnothers: true };

let stage: Stage;
let crew: Crew;
let heldUpBy: string | undefined;
beforeEach(() => {
  stage = new Stage();
  heldUpBy = undefined;
  stage.startWorker = (spec, events) => {
    const worker = Object.assign(new FakeWorker(spec, events), { heldUpBy: () => heldUpBy });
    stage.workers.push(worker);
    return worker;
  };
  crew = stage.crew({ runtime: 'node', entry: 'builtin:secrets' });
});

describe('a question', () => {
  test('is asked again at once, though none of its validator may be lost, and is answered', async () => {
    const asked = stage.ask(crew);
    stage.worker.ready().die(ANOTHERS);
    expect(stage.workers).toHaveLength(2);
    stage.worker.ready().answer();
    expect(await asked).toEqual(allowed);
  });

  test("to one of a user's that must not be asked twice is refused, which no breaker counts; else it is asked again", async () => {
    crew = stage.crew({ runtime: 'node' });
    const once = stage.ask(crew);
    stage.worker.ready().die(ANOTHERS);
    expect(await once).toEqual({ kind: 'failed', cause: 'refused', message: ANOTHERS.message });
    crew = stage.crew({ runtime: 'python', idempotent: true });
    const again = stage.ask(crew);
    stage.worker.ready().die(ANOTHERS);
    stage.worker.ready().answer();
    expect(await again).toEqual(allowed);
  });

  test('that met this four times is refused, which no breaker counts', async () => {
    const asked = stage.ask(crew);
    for (let at = 0; at < 4; at++) {
      expect(await isPending(asked)).toBe(true);
      stage.worker.ready().die(ANOTHERS);
    }
    expect(await asked).toEqual({ kind: 'failed', cause: 'refused', message: ANOTHERS.message });
  });

  test('has its own deadline all the same, with the reason', async () => {
    const asked = stage.ask(crew, { withinMs: 100 });
    stage.worker.ready().die(ANOTHERS);
    stage.clock.pass(100);
    const message = `its time was over before a worker came free: ${ANOTHERS.message}`;
    expect(await asked).toMatchObject({ cause: 'refused', message });
  });

  test('once displaced is lost with its worker as any other', async () => {
    const asked = stage.ask(crew);
    stage.worker.ready().die(ANOTHERS);
    stage.worker.ready().die(CRASH);
    expect(await asked).toMatchObject({ kind: 'failed', cause: 'crashed' });
  });

  test('whose deadline passes while another has the process to itself is refused; else it is late', async () => {
    const asked = stage.ask(crew, { withinMs: 100 });
    heldUpBy = 'b';
    stage.worker.ready();
    stage.clock.pass(100);
    const message = 'no answer within 100 ms: b, with which it shares a process, lets nobody have a turn';
    expect(await asked).toEqual({ kind: 'failed', cause: 'refused', message });
    heldUpBy = undefined;
    const next = stage.ask(crew, { withinMs: 100 });
    stage.clock.pass(100);
    expect(await next).toEqual({ kind: 'failed', cause: 'timedOut', message: 'no answer within 100 ms' });
  });
});

describe('its validator', () => {
  test('has had no death, is not held back, and starts again without a pause', () => {
    for (let at = 0; at < 20; at++) {
      crew.want(1);
      expect(stage.workers).toHaveLength(at + 1);
      stage.worker.ready().die(ANOTHERS);
    }
    expect(crew.status()).toMatchObject({ deaths: [], restarts: 0, held: undefined });
    expect(stage.told).toEqual([]);
  });

  test('is not blamed either where it could not be loaded in time because of that', () => {
    crew.want(1);
    heldUpBy = 'b';
    stage.clock.pass(LIMITS.residentReadyTimeoutMs);
    expect(stage.worker.ends).toEqual(['kill']);
    stage.worker.die();
    expect(crew.status().deaths).toEqual([]);
    expect(crew.trouble).toContain('it was not ready within 10000 ms: b, with which it shares a process');
  });

  test('is not blamed either where its worker took no question because of that', async () => {
    const asked = stage.ask(crew);
    const [worker] = stage.workers;
    if (worker !== undefined) worker.takes = undefined;
    worker?.ready();
    expect(worker?.ends).toEqual(['kill']);
    worker?.die(ANOTHERS);
    expect(crew.status().deaths).toEqual([]);
    stage.worker.ready().answer();
    expect(await asked).toEqual(allowed);
  });
});
