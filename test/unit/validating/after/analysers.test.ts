/** Events on their way to validators that are asked after the answer. Disk and workers are the test. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Happening } from '../../../../supervisor/contract/happening.js';
import type { LaterTask } from '../../../../supervisor/contract/later.js';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import type { EndedEvent } from '../../../../supervisor/contract/records.js';
import type { AgentEvent, ValidatorOutcome } from '../../../../supervisor/contract/validating.js';
import { Analysers } from '../../../../supervisor/validating/after/analysers.js';
import type { Validator } from '../../../../supervisor/validating/validator.js';
import { FakeClock } from '../../../lib/fake-clock.js';
import { SPEC, toolEvent } from '../../../lib/validators.js';
import { settled } from '../workers.js';

const FAILED: ValidatorOutcome = { kind: 'failed', cause: 'crashed', message: 'gone' };
const said = (context: string): ValidatorOutcome => ({ kind: 'answered', verdict: { context } });

interface Asked {
  event: AgentEvent;
  answer(outcome: ValidatorOutcome): Promise<void>;
}

let clock: FakeClock;
let asked: Asked[];
let disk: Map<string, LaterTask>;
let isDiskWell: boolean;
let left: { tasks: LaterTask[]; dropped: number };
let words: string[];
let records: EndedEvent[];
let told: Happening[];
let breaker: 'yes' | { refusedUntilMs: number };
let isReadable: boolean;
let configured: Validator[];
let analysers: Analysers;
beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  disk = new Map();
  isDiskWell = true;
  left = { tasks: [], dropped: 0 };
  isReadable = true;
  words = [];
  records = [];
  told = [];
  breaker = 'yes';
  configured = [validator('drift')];
  analysers = make();
});

function validator(name: string): Validator {
  const spec = { ...SPEC, name, after: true };
  return { spec, crew: { spec }, codeIdentity: () => undefined } as never;
}

function make(): Analysers {
  return new Analysers({
    ...{
      clock,
      wallMs: () => clock.now,
      daemon: 'd',
      answered() {},
      words: { add: (_of, text) => words.push(text) },
    },
    asker: {
      ask: (_crew: unknown, { event }: { event: AgentEvent }) =>
        new Promise((resolve) => {
          asked.push({
            event,
            answer(outcome) {
              resolve(outcome);
              return settled();
            },
          });
        }),
    } as never,
    breakers: { allow: () => breaker, told() {} } as never,
    shelf: {
      async add(task) {
        if (isDiskWell) disk.set(task.id, { ...task });
        return isDiskWell;
      },
      tried: (id, tries) => Object.assign(disk.get(id) ?? {}, { tries }),
      remove: (id) => void disk.delete(id),
      load: async () => (isReadable ? left : undefined),
    },
    validator: (name) => configured.find(({ spec }) => spec.name === name),
    record: (record) => records.push(record),
    tell: (happening) => void told.push(happening),
  });
}

const event = (command = 'x', sessionId = 's1') =>
  toolEvent('Bash', { command }, { hook_event_name: 'PostToolUse', session_id: sessionId });
const used = (command?: string, sessionId = 's1'): AgentEvent => ({
  ...event(command, sessionId),
  name: 'PostToolUse',
  sessionId,
});

/** Its answer is out. */
async function answered(of: AgentEvent): Promise<void> {
  const accepted = analysers.accept(of, { projectFolder: '', session: { events: 0, decisions: [] } }, configured);
  await accepted.written;
  accepted.begin();
  clock.pass(0);
}
const commands = () => asked.map((one) => one.event.toolInput?.command);
const status = () => analysers.status('drift');

describe('an event', () => {
  test('is on the disk before its answer, asked about after it, and off the disk when that is answered', async () => {
    const accepted = analysers.accept(
      used('a'),
      { projectFolder: '', session: { events: 0, decisions: [] } },
      configured,
    );
    await accepted.written;
    expect(disk.size).toBe(1);
    clock.pass(1000);
    expect(asked).toEqual([]);
    accepted.begin();
    expect(asked).toEqual([]);
    clock.pass(0);
    expect(commands()).toEqual(['a']);
    expect(status()).toEqual({ pending: 1, answered: 0, dropped: 0, undurable: 0 });
    await asked[0]?.answer(said('look'));
    expect([words, disk.size]).toEqual([['look'], 0]);
    expect(status()).toEqual({ pending: 0, answered: 1, dropped: 0, undurable: 0 });
    expect(records).toMatchObject([
      {
        handler: 'after PostToolUse Bash',
        outcome: 'answered',
        event: { validators: [{ name: 'drift', said: 'nothing' }] },
      },
    ]);
  });

  test('of one session waits for the one before, of another one it does not', async () => {
    await answered(used('a'));
    await answered(used('b'));
    await answered(used('c', 's2'));
    expect(commands()).toEqual(['a', 'c']);
    await asked[0]?.answer(said(''));
    expect(commands()).toEqual(['a', 'c', 'b']);
  });

  test('that fails is asked about again, later each time, then given up and told', async () => {
    await answered(used('a'));
    await answered(used('b'));
    for (let tries = 1; tries < LIMITS.laterTriesMax; tries++) {
      await asked.at(-1)?.answer(FAILED);
      expect([...disk.values()][0]?.tries).toBe(tries);
      clock.pass(LIMITS.laterRetryMs * tries - 1);
      expect(asked).toHaveLength(tries);
      clock.pass(1);
      expect(asked).toHaveLength(tries + 1);
    }
    await asked.at(-1)?.answer(FAILED);
    expect(commands()).toEqual(['a', 'a', 'a', 'b']);
    expect(status()).toEqual({ pending: 1, answered: 0, dropped: 1, undurable: 0 });
    expect(disk.size).toBe(1);
    expect(told).toMatchObject([{ kind: 'analysisDropped', about: expect.stringContaining('it failed 3 times') }]);
    expect(records).toMatchObject([
      { outcome: 'crashed', detail: 'it failed 3 times', event: { validators: [{ name: 'drift', said: 'crashed' }] } },
    ]);
  });

  test('whose validator has an open breaker waits for it, which is no try, for a day at most', async () => {
    breaker = { refusedUntilMs: 30_000 };
    await answered(used('a'));
    await settled();
    clock.pass(29_999);
    await settled();
    breaker = { refusedUntilMs: 30_000 };
    clock.pass(1);
    for (let n = 0; n < LIMITS.laterTriesMax; n++) {
      await settled();
      clock.pass(LIMITS.laterRetryMs);
    }
    expect([asked, [...disk.values()].map(({ tries }) => tries)]).toEqual([[], [0]]);
    breaker = 'yes';
    await settled();
    clock.pass(LIMITS.laterRetryMs);
    expect(commands()).toEqual(['a']);
    breaker = { refusedUntilMs: 2 * LIMITS.laterAgeMaxMs };
    await asked[0]?.answer(FAILED);
    clock.pass(LIMITS.laterRetryMs);
    await settled();
    clock.pass(2 * LIMITS.laterAgeMaxMs);
    await settled();
    expect([status().dropped, disk.size]).toEqual([1, 0]);
  });

  test('that waits to be asked again keeps no place: events of other sessions and validators are asked about meanwhile', async () => {
    for (let n = 0; n < LIMITS.laterAtOnceMax; n++) await answered(used('a', `s${n}`));
    for (const { answer } of asked.slice()) await answer(FAILED);
    configured = [validator('mine')];
    await answered(used('b', 'other'));
    expect(commands().slice(LIMITS.laterAtOnceMax)).toEqual(['b']);
  });

  test('whose validator is gone from the configuration is given up', async () => {
    await answered(used('a'));
    await asked[0]?.answer(FAILED);
    configured = [];
    clock.pass(LIMITS.laterRetryMs);
    expect([status().dropped, disk.size]).toEqual([1, 0]);
    expect(told).toMatchObject([{ about: expect.stringContaining('not configured any more') }]);
  });
});

describe('what cannot be kept is said', () => {
  test('a disk that does not take it: it is asked about all the same, and told', async () => {
    isDiskWell = false;
    await answered(used('a'));
    await answered(used('b'));
    expect(status()).toMatchObject({ pending: 2, undurable: 2 });
    expect(told).toMatchObject([{ kind: 'analysisUndurable', inputs: { events: 1 } }]);
    await asked[0]?.answer(said('look'));
    expect(words).toEqual(['look']);
    clock.pass(LIMITS.laterToldEveryMs);
    await answered(used('c'));
    expect(told.at(-1)?.inputs).toEqual({ events: 2 });
  });

  test('a disk that takes it only when all is over: it is taken off again', async () => {
    const accepted = analysers.accept(
      used('a'),
      { projectFolder: '', session: { events: 0, decisions: [] } },
      configured,
    );
    accepted.begin();
    configured = [];
    clock.pass(0);
    await accepted.written;
    expect(disk.size).toBe(0);
  });

  test('more events than may wait, or more bytes: dropped, until there is room again', async () => {
    const alone = (3 * LIMITS.laterTasksMax) / 4;
    for (let n = 0; n < alone; n++) await answered(used('a'));
    await answered(used('a'));
    expect(status()).toMatchObject({ pending: alone, dropped: 1 });
    await asked[0]?.answer(said(''));
    await answered(used('a'));
    expect(status()).toMatchObject({ pending: alone, dropped: 1 });
    analysers = make();
    const large = used('x'.repeat(LIMITS.laterBytesMax / 4));
    for (let n = 0; n < 3; n++) await answered(large);
    expect(status()).toMatchObject({ pending: 2, dropped: 1 });
    await asked.at(-1)?.answer(said(''));
    await answered(large);
    expect(status()).toMatchObject({ pending: 2, dropped: 1 });
  });
});

describe('what an earlier daemon has left', () => {
  const task = (change: Partial<LaterTask> = {}): LaterTask => {
    const { agent, name, raw } = used('left');
    const text = JSON.stringify({ agent, name, raw });
    return { id: 'other-1', daemon: 'other', validator: 'drift', text, addedAtMs: 0, tries: 1, ...change };
  };

  test('is asked about as it was, and its tries count', async () => {
    left = { tasks: [task({ tries: 2 })], dropped: 0 };
    disk.set('other-1', task());
    await analysers.restore();
    expect(asked[0]?.event).toEqual(used('left'));
    await asked[0]?.answer(FAILED);
    expect([status().dropped, disk.size]).toEqual([1, 0]);
  });

  test('and cannot be read now is looked for again', async () => {
    left = { tasks: [task()], dropped: 0 };
    isReadable = false;
    await analysers.restore();
    isReadable = true;
    expect(asked).toEqual([]);
    clock.pass(LIMITS.recordsRetryMaxMs);
    await settled();
    expect(commands()).toEqual(['left']);
  });

  test('and holds one that is no JSON, or of an agent nobody knows: that one is given up, the others are asked about', async () => {
    left = {
      tasks: [
        task({ id: 'other-0', text: '{"agent":' }),
        task({ id: 'other-2', text: '{"agent":"other","name":"Stop","raw":{}}' }),
        task(),
      ],
      dropped: 0,
    };
    for (const one of left.tasks) disk.set(one.id, one);
    await analysers.restore();
    expect(commands()).toEqual(['left']);
    expect([...disk.keys()]).toEqual(['other-1']);
    expect(status()).toMatchObject({ pending: 1, dropped: 2 });
  });

  test('and was given up is told; what cannot be read any more, too', async () => {
    left = { tasks: [task({ text: '{"agent":"claude","raw":5}' })], dropped: 4 };
    disk.set('other-1', task());
    await analysers.restore();
    expect(asked).toEqual([]);
    expect(disk.size).toBe(0);
    expect(told).toMatchObject([{ kind: 'analysisDropped', inputs: { events: 4 } }]);
    expect(status().dropped).toBe(1);
  });
});

test('after its stop nothing is begun, and what fails with the workers stays for the next daemon', async () => {
  await answered(used('a'));
  await answered(used('b', 's2'));
  analysers.stop();
  await asked[0]?.answer(FAILED);
  clock.pass(100_000);
  await answered(used('c', 's3'));
  expect(commands()).toEqual(['a', 'b']);
  expect([...disk.values()].map(({ tries }) => tries)).toEqual([0, 0, 0]);
});
