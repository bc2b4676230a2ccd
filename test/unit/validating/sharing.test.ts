import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { Loaded, Wanted } from '../../../supervisor/ring/resident-load.js';
import { type Home, Sharing, type StartShared, type Tenancy } from '../../../supervisor/validating/sharing.js';
import {
  TASKS_AT_ONCE,
  type Worker,
  type WorkerEnd,
  type WorkerEvents,
} from '../../../supervisor/validating/worker.js';
import { SPEC } from '../../lib/validators.js';
import { allowed, CRASH, FakeWorker, settled } from './workers.js';

class FakeProcess extends FakeWorker {
  readonly wanted: { wanted: Wanted; loaded: (loaded: Loaded) => void }[] = [];
  takesMore = true;
  /** Whose turn it says it is, in the order in which they were loaded, from 1 on. */
  at = 0;

  load(wanted: Wanted, loaded: (loaded: Loaded) => void): number | undefined {
    const number = this.wanted.push({ wanted, loaded });
    return this.takesMore ? number : undefined;
  }

  turn(): number {
    return this.at;
  }

  /** Of those that it was last told to load. */
  loads(loaded: Loaded = { kind: 'loaded', isBatch: false }): void {
    this.wanted.at(-1)?.loaded(loaded);
  }
}

const POOL = {};
const HOME: Home = { pool: POOL, rights: 'r' };
const question = { events: [], context: {} };

let sharing: Sharing;
let processes: FakeProcess[];
let told: unknown[][];
beforeEach(() => {
  sharing = new Sharing();
  processes = [];
  told = [];
});

const start: StartShared = (events) => {
  const one = new FakeProcess(SPEC, events);
  processes.push(one);
  return one;
};

function eventsOf(name: string): WorkerEvents {
  return {
    ready: (isBatch) => void told.push([name, 'ready', isBatch]),
    answered: (askId) => void told.push([name, 'answered', askId]),
    silent: () => void told.push([name, 'silent']),
    gone: ({ cause, message }: WorkerEnd) => void told.push([name, cause, message]),
  };
}

function enter(name: string, more: Partial<Tenancy> = {}, home = HOME): Worker {
  const worker = sharing.enter({ name, entry: `/${name}.mjs`, stamp: '1', ...more }, home, eventsOf(name), start);
  if (typeof worker === 'string') throw new Error(worker);
  return worker;
}

/** Ready, each of them. */
function settle(...names: string[]): Worker[] {
  const workers = names.map((name) => enter(name));
  processes[0]?.ready();
  for (const { loaded } of processes[0]?.wanted ?? []) loaded({ kind: 'loaded', isBatch: false });
  told = [];
  return workers;
}

describe('who is with whom', () => {
  test('those of one sandbox and the same rights are one process, which loads each once it is ready', () => {
    enter('a');
    enter('b');
    expect(processes).toHaveLength(1);
    expect(processes[0]?.wanted).toEqual([]);
    processes[0]?.ready();
    enter('c');
    expect(processes[0]?.wanted.map(({ wanted }) => wanted)).toEqual(
      ['a', 'b', 'c'].map((name) => ({ name, entry: `/${name}.mjs` })),
    );
    processes[0]?.loads({ kind: 'loaded', isBatch: true });
    expect(told).toEqual([['c', 'ready', true]]);
  });

  test.each([
    ['another pool', { pool: {}, rights: 'r' }],
    ['other rights', { pool: POOL, rights: 's' }],
  ])('%s: another process', (_what, home) => {
    enter('a');
    enter('b', {}, home);
    expect(processes).toHaveLength(2);
  });

  test('the second worker of a validator is another process, so there are as many as the most of one', () => {
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) enter(name);
    expect(processes).toHaveLength(3);
  });

  test.each([
    ['code that has changed', { stamp: '2' }],
    ['another entry', { entry: '/other.mjs' }],
  ])('%s is not for a process that has loaded the old', async (_what, more) => {
    const [a] = settle('a', 'b');
    a?.end('drain');
    await settled();
    enter('a', more);
    expect(processes).toHaveLength(2);
  });

  test('one that comes back to the same process finds its place there', async () => {
    const [a] = settle('a', 'b');
    a?.end('drain');
    await settled();
    enter('a');
    expect(processes).toHaveLength(1);
    processes[0]?.loads();
    expect(told.at(-1)).toEqual(['a', 'ready', false]);
  });

  test('a process has room for so many, and for what each of them may be asked at a time', () => {
    for (let at = 0; at <= LIMITS.validatorsPerWorkerMax; at++) enter(`v${at}`);
    expect(processes).toHaveLength(2);
    expect(LIMITS.validatorsPerWorkerMax * (TASKS_AT_ONCE.node + 1)).toBeLessThanOrEqual(LIMITS.residentAsksMax);
  });
});

describe('what is asked', () => {
  test('is answered to whose question it was', () => {
    const [a, b] = settle('a', 'b');
    expect([b?.ask(question), a?.ask(question)]).toEqual([1, 2]);
    processes[0]?.answer(allowed, 1);
    processes[0]?.answer(allowed, 2);
    expect(told).toEqual([
      ['b', 'answered', 1],
      ['a', 'answered', 2],
    ]);
  });

  test('and is forgotten is told to the process, with its deadline', () => {
    const [a] = settle('a', 'b');
    a?.forget(Number(a.ask(question)), 7);
    expect(processes[0]?.forgotten).toEqual([1]);
    expect(processes[0]?.deadlines).toEqual([7]);
  });
});

describe('the end', () => {
  test('of the process is that of each, which hears who was there', () => {
    settle('a', 'b');
    processes[0]?.die(CRASH);
    const message = `${CRASH.message} (one process for a, b)`;
    expect(told).toEqual([
      ['a', 'crashed', message],
      ['b', 'crashed', message],
    ]);
    enter('a');
    expect(processes).toHaveLength(2);
  });

  test('of one that is not wanted any more leaves the others, and that of the last ends the process', async () => {
    const [a, b] = settle('a', 'b');
    a?.end('drain');
    expect(told, 'not in the midst of what whoever ends it is doing').toEqual([]);
    await settled();
    expect(told.map(([name]) => name)).toEqual(['a']);
    expect(processes[0]?.ends).toEqual([]);
    b?.end('drain');
    await settled();
    expect(told.map(([name]) => name)).toEqual(['a', 'b']);
    expect(processes[0]?.ends).toEqual(['drain']);
    enter('a');
    expect(processes, 'nobody enters a process that ends').toHaveLength(2);
  });

  test('of one that is to be killed is that of the process, unless it was not ready yet', async () => {
    const [a] = settle('a');
    const late = enter('late');
    late.end('kill');
    await settled();
    expect(told.map(([name, cause]) => [name, cause])).toEqual([['late', 'crashed']]);
    expect(processes[0]?.ends).toEqual([]);
    processes[0]?.loads();
    expect(told).toHaveLength(1);
    a?.end('kill');
    expect(processes[0]?.ends).toEqual(['kill']);
  });

  test.each(['killed', 'stuck', 'full'])(
    'that is under way, of a process that is %s: takes nobody along who comes now',
    (how) => {
      const [a] = settle('a', 'b');
      const [first] = processes;
      if (how === 'killed') a?.end('kill');
      if (how === 'stuck') enter('c').end('kill');
      if (first !== undefined && how === 'full') first.takesMore = false;
      if (how === 'full') enter('c');
      enter('d');
      expect([processes.length, first?.wanted.some(({ wanted }) => wanted.name === 'd')]).toEqual([2, false]);
    },
  );

  test('of one that cannot be loaded is hopeless, and its own', () => {
    let end: WorkerEnd | undefined;
    settle('a');
    sharing.enter(
      { name: 'b', entry: '/b.mjs', stamp: '1' },
      HOME,
      { ...eventsOf('b'), gone: (its) => (end = its) },
      start,
    );
    processes[0]?.loads({ kind: 'failed', message: 'no such module' });
    expect(end).toEqual({ cause: 'crashed', message: 'no such module', isHopeless: true });
    expect(processes[0]?.ends).toEqual([]);
  });

  test('comes to a process that takes nothing, or gives no sign of life', () => {
    settle('a', 'b');
    const [one] = processes;
    if (one !== undefined) one.takesMore = false;
    enter('c');
    expect(one?.ends).toEqual(['kill']);
    one?.events.silent();
    expect(told.map(([name, what]) => `${name} ${what}`)).toEqual(['a silent', 'b silent', 'c silent']);
    expect(one?.ends, 'also where nobody who is told ends it').toEqual(['kill', 'kill']);
  });

  test('at its very start is told to whoever wanted it, once, and the next tries anew', () => {
    const full: WorkerEnd = { cause: 'refused', message: 'no place' };
    const fails: StartShared = (events) => {
      events.gone(full);
      return new FakeProcess(SPEC, events);
    };
    const tenancy = { name: 'a', entry: '/a.mjs', stamp: '1' };
    sharing.enter(tenancy, HOME, eventsOf('a'), fails);
    expect(told).toEqual([['a', 'refused', 'no place']]);
    expect(sharing.enter(tenancy, HOME, eventsOf('a'), () => 'no ring')).toBe('no ring');
    enter('b');
    expect(processes).toHaveLength(1);
  });
});

describe('whose doing it is', () => {
  /** Names by what they were told of the end: theirs, or another's. */
  function blamed(): { theirs: unknown[]; anothers: unknown[] } {
    const gone = told.filter(([, what]) => what === 'crashed' || what === 'refused');
    const of = (what: string) => gone.filter((one) => one[1] === what).map(([name]) => name);
    return { theirs: of('crashed'), anothers: of('refused') };
  }

  function turnOf(position: number): FakeProcess {
    const [one] = processes;
    if (one === undefined) throw new Error('no process');
    one.at = position;
    return one;
  }

  test('that of the one whose turn it was, and not of those who were asked, too', () => {
    const [a, b] = settle('a', 'b', 'c');
    for (const one of [a, b]) one?.ask(question);
    turnOf(2).die(CRASH);
    expect(told).toEqual([
      ['a', 'refused', `b, with which it shared its process, took it along: ${CRASH.message}`],
      ['b', 'crashed', `${CRASH.message} (one process for a, b, c)`],
      ['c', 'refused', `b, with which it shared its process, took it along: ${CRASH.message}`],
    ]);
  });

  test('between two turns that of all who were asked and have not been answered', () => {
    const [a, b] = settle('a', 'b', 'c', 'd');
    for (const one of [a, b, a]) one?.ask(question);
    processes[0]?.answer(allowed, 2);
    enter('e');
    turnOf(0).die(CRASH);
    expect(blamed()).toEqual({ theirs: ['a', 'e'], anothers: ['b', 'c', 'd'] });
  });

  test.each([
    ['nobody was asked', 0],
    ['a number that nobody has was told', 9],
  ])('where %s, that of each', (_what, position) => {
    settle('a', 'b');
    turnOf(position).die(CRASH);
    expect(blamed()).toEqual({ theirs: ['a', 'b'], anothers: [] });
  });

  test('before the process was ready, that of each', () => {
    for (const name of ['a', 'b']) enter(name);
    processes[0]?.die(CRASH);
    expect(blamed().theirs).toEqual(['a', 'b']);
  });

  test("where the operator ended it, nobody's, whoever had the turn", () => {
    const [a] = settle('a', 'b');
    a?.ask(question);
    turnOf(1).die({ cause: 'refused', message: 'kicked', isAnothers: true });
    expect(told).toEqual([
      ['a', 'refused', 'kicked (one process for a, b)'],
      ['b', 'refused', 'kicked (one process for a, b)'],
    ]);
  });

  test('of one that has left, nobody who is there', async () => {
    const [a, b] = settle('a', 'b');
    a?.end('drain');
    await settled();
    told = [];
    b?.ask(question);
    expect(turnOf(1) && b?.heldUpBy?.()).toBe('one that has left');
    processes[0]?.die(CRASH);
    expect(told).toEqual([
      ['b', 'refused', `one that has left, with which it shared its process, took it along: ${CRASH.message}`],
    ]);
  });

  test('of one that has come back, by the number that it has now', async () => {
    const [a] = settle('a', 'b');
    a?.end('drain');
    await settled();
    enter('a');
    told = [];
    turnOf(3).die(CRASH);
    expect(blamed()).toEqual({ theirs: ['a'], anothers: ['b'] });
  });

  test('of one that gives no sign of life is known before it is ended, whatever the process says after that', () => {
    const [a] = settle('a', 'b');
    a?.ask(question);
    turnOf(2).events.silent();
    expect(told).toEqual([['b', 'silent']]);
    enter('c');
    expect(processes, 'and nobody enters it any more').toHaveLength(2);
    turnOf(1).die(CRASH);
    expect(blamed()).toEqual({ theirs: ['b'], anothers: ['a'] });
  });

  test('while it lasts, the others are held up by it and itself is not', () => {
    const workers = settle('a', 'b');
    turnOf(2);
    expect(workers.map((one) => one.heldUpBy?.())).toEqual(['b', undefined]);
    turnOf(0);
    expect(workers.map((one) => one.heldUpBy?.())).toEqual([undefined, undefined]);
  });
});
