import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { Crew } from '../../../supervisor/validating/crew.js';
import type { Task } from '../../../supervisor/validating/member.js';
import { CRASH, Stage } from './workers.js';

let stage: Stage;
let crew: Crew;
beforeEach(() => {
  stage = new Stage();
  crew = stage.crew();
});

const question = { events: [], context: {} };
function task(id: string, told: unknown[] = []): Task {
  return {
    id,
    question,
    answered: () => told.push('answered'),
    failed: ({ cause, message }) => told.push([cause, message]),
  };
}

/** Dies, and waits for its successor. */
function dieAgain(times: number): void {
  for (let at = 0; at < times; at++) {
    stage.worker.ready().die();
    crew.want(1);
    stage.clock.pass(Number(stage.told.at(-1)?.split(': ').at(-1)));
  }
}

describe('starts', () => {
  test('a worker when a task waits, one at a time, and none when nothing waits', () => {
    crew.want(0);
    expect(stage.workers).toHaveLength(0);
    crew.want(1);
    crew.want(2);
    expect(stage.workers).toHaveLength(1);
  });

  test('another only where all are busy, and no more than may be', () => {
    crew = stage.crew({ workersMax: 2 });
    crew.want(1);
    stage.worker.ready();
    crew.want(1);
    expect(stage.workers).toHaveLength(1);
    expect(crew.give(task('a'))).toBe('given');
    crew.want(1);
    stage.worker.ready();
    crew.give(task('b'));
    crew.want(1);
    expect(stage.workers).toHaveLength(2);
    expect(crew.give(task('c'))).toBe('noRoom');
  });

  test('one that is not ready in time is killed, and its end says so', () => {
    crew.want(1);
    stage.clock.pass(LIMITS.residentReadyTimeoutMs);
    expect(stage.worker.ends).toEqual(['kill']);
    stage.worker.die();
    expect(stage.told).toEqual(['died: it was not ready within 10000 ms; its worker ended by signal 11: 0']);
    expect(crew.status().deaths).toEqual([{ cause: 'timedOut', count: 1 }]);
  });

  test('one that had no process until then was not ready in time either', () => {
    crew.want(1);
    stage.clock.pass(LIMITS.residentReadyTimeoutMs);
    stage.worker.die({ cause: 'refused', message: 'it was ended before it had begun' });
    expect(stage.told).toEqual(['died: it was not ready within 10000 ms; it was ended before it had begun: 0']);
    expect(crew.status().deaths).toEqual([{ cause: 'timedOut', count: 1 }]);
  });

  test('none beside one that is killed and not yet gone', () => {
    crew.want(1);
    stage.worker.ready();
    crew.give(task('a'));
    crew.forget('a', 0);
    crew.want(1);
    expect(stage.workers).toHaveLength(1);
    stage.worker.die();
    crew.want(1);
    expect(stage.workers).toHaveLength(2);
  });
});

describe('a worker that nobody asks', () => {
  test('is ended after a while, counted from the last question, and that is no death', () => {
    crew.want(1);
    stage.worker.ready();
    stage.clock.pass(LIMITS.residentIdleMs - 1);
    crew.give(task('a'));
    stage.worker.answer();
    stage.clock.pass(LIMITS.residentIdleMs - 1);
    expect(stage.worker.ends).toEqual([]);
    stage.clock.pass(1);
    expect(stage.worker.ends).toEqual(['drain']);
    stage.worker.die();
    expect(crew.status().deaths).toEqual([]);
    crew.want(1);
    expect(stage.workers).toHaveLength(2);
  });
});

describe('a task whose time is over', () => {
  test('ends a worker that does one thing at a time', () => {
    crew.want(1);
    stage.worker.ready();
    crew.give(task('a'));
    crew.forget('a', 0);
    expect(stage.worker).toMatchObject({ ends: ['kill'], forgotten: [1] });
    expect(crew.tasksAtOnce).toBe(0);
  });

  test('leaves the others of a Node to it', () => {
    crew = stage.crew({ runtime: 'node' });
    crew.want(1);
    stage.worker.ready();
    const told: unknown[] = [];
    crew.give(task('a'));
    crew.give(task('b', told));
    crew.forget('a', 0);
    expect(stage.worker).toMatchObject({ ends: [], forgotten: [1] });
    stage.worker.answer();
    expect(told).toEqual(['answered']);
  });
});

describe('deaths', () => {
  test('the first is followed by a start at once, the next ones by later and later ones', () => {
    crew.want(1);
    stage.worker.ready().die();
    crew.want(1);
    expect(stage.workers).toHaveLength(2);
    stage.worker.ready().die();
    crew.want(1);
    expect(stage.workers).toHaveLength(2);
    stage.clock.pass(LIMITS.restartFirstDelayMs / 2);
    expect(stage.workers).toHaveLength(3);
    expect(stage.told.map((told) => told.split(': ').at(-1))).toEqual(['0', '50']);
  });

  test('the tasks in its hands hear of what it died', () => {
    crew.want(1);
    stage.worker.ready();
    const told: unknown[] = [];
    crew.give(task('a', told));
    stage.worker.die({ cause: 'limitHit', message: 'memory' });
    expect(told).toEqual([['limitHit', 'memory']]);
    expect(crew.trouble).toBe('memory');
  });

  test('more than five of one cause within a minute: held back, with what it died of, then tried again', () => {
    crew.want(1);
    dieAgain(LIMITS.deathsMax);
    expect(crew.heldBecause).toBeUndefined();
    stage.worker.ready().die();
    expect(crew.heldBecause).toEqual({
      message: 'held back: its worker ended by signal 11',
      retryAfterMs: LIMITS.quarantineFirstMs,
    });
    expect(stage.told.at(-1)).toBe(`held: its workers died too often (crashed): ${LIMITS.quarantineFirstMs}`);
    const before = stage.workers.length;
    crew.want(1);
    expect(stage.workers).toHaveLength(before);
    stage.clock.pass(LIMITS.quarantineFirstMs);
    expect(crew.heldBecause).toBeUndefined();
    expect(stage.workers).toHaveLength(before + 1);
    stage.worker.ready();
    expect(crew.tasksAtOnce).toBe(1);
    stage.worker.die();
    expect(stage.told.at(-1), 'nothing of before is held against it').toMatch(/^died: /);
  });

  test('is tried again after the hold where nobody waited meanwhile', () => {
    crew.want(1);
    dieAgain(LIMITS.deathsMax);
    stage.worker.ready().die();
    crew.want(0);
    stage.clock.pass(LIMITS.quarantineFirstMs);
    const before = stage.workers.length;
    crew.want(1);
    expect(stage.workers).toHaveLength(before + 1);
  });

  test('a try that fails is held twice as long; a healthy time takes that back', () => {
    crew.want(1);
    dieAgain(LIMITS.deathsMax);
    stage.worker.ready().die();
    stage.clock.pass(LIMITS.quarantineFirstMs);
    crew.want(1);
    stage.worker.die();
    expect(stage.told.at(-1)).toBe(`held: its workers died too often (crashed): ${2 * LIMITS.quarantineFirstMs}`);
    stage.clock.pass(2 * LIMITS.quarantineFirstMs);
    crew.want(1);
    stage.worker.ready();
    stage.clock.pass(LIMITS.restartHealthyAfterMs);
    dieAgain(LIMITS.deathsMax);
    stage.worker.ready().die();
    expect(stage.told.at(-1)).toBe(`held: its workers died too often (crashed): ${LIMITS.quarantineFirstMs}`);
  });

  test('after the word that no start will do none is tried for a while, and whoever waits hears that word', () => {
    crew.want(1);
    stage.worker.die({ cause: 'crashed', message: 'a.mjs cannot be loaded', isHopeless: true });
    expect(crew.heldBecause).toEqual({
      message: 'held back: a.mjs cannot be loaded',
      retryAfterMs: LIMITS.quarantineFirstMs,
    });
    expect(stage.told).toEqual([`held: no start of it will do: a.mjs cannot be loaded: ${LIMITS.quarantineFirstMs}`]);
    crew.want(1);
    expect(stage.workers).toHaveLength(1);
    crew.renewCode();
    crew.want(1);
    expect(stage.workers, 'other code may do').toHaveLength(2);
  });

  test('of one that never comes up the reason is told at once, not only at a deadline', () => {
    const end = { cause: 'refused', message: 'there is no file /x' } as const;
    crew.want(1);
    stage.worker.die(end);
    expect(crew.heldBecause).toBeUndefined();
    crew.want(1);
    stage.worker.die(end);
    expect(crew.heldBecause).toEqual({ message: 'no worker of it starts: there is no file /x', retryAfterMs: 50 });
    stage.clock.pass(50);
    expect(crew.heldBecause).toBeUndefined();
  });
});

describe('renewal', () => {
  beforeEach(() => {
    crew.want(1);
    stage.worker.ready();
  });

  test('an idle worker ends, one that is asked ends when it has answered, and neither death counts', () => {
    crew.give(task('a'));
    crew.renew();
    expect(stage.worker.ends).toEqual([]);
    stage.worker.answer();
    expect(stage.worker.ends).toEqual(['drain']);
    stage.worker.die();
    expect(stage.told).toEqual([]);
    expect(crew.status()).toMatchObject({ restarts: 0, deaths: [] });
  });

  test('that it takes no more tasks is told at once', () => {
    const seen: number[] = [];
    stage.asker.changed = (one) => void seen.push(one.tasksAtOnce);
    crew.give(task('a'));
    crew.renew();
    expect(seen).toEqual([0]);
  });

  test('one that drains does not keep its successor from being started', () => {
    crew.give(task('a'));
    crew.renew();
    crew.want(1);
    expect(stage.workers).toHaveLength(2);
  });

  test('of other code is held against nothing', () => {
    dieAgain(LIMITS.deathsMax);
    stage.worker.ready().die();
    expect(crew.heldBecause).toBeDefined();
    crew.renewCode();
    expect(crew.heldBecause).toBeUndefined();
    const before = stage.workers.length;
    crew.want(1);
    expect(stage.workers).toHaveLength(before + 1);
  });
});

describe('retirement', () => {
  test('a Node that was told to forget the last of its tasks ends, too: of that no answer is told', () => {
    crew = stage.crew({ runtime: 'node' });
    crew.want(1);
    stage.worker.ready();
    crew.give(task('a'));
    crew.give(task('b'));
    crew.want(0);
    crew.retire();
    crew.forget('a', 0);
    expect(stage.worker.ends).toEqual([]);
    crew.forget('b', 0);
    expect(stage.worker.ends).toEqual(['drain']);
  });

  test('what waits is still served, then its workers end', () => {
    crew.want(1);
    crew.retire();
    expect(stage.worker.ends).toEqual([]);
    stage.worker.ready();
    expect(crew.give(task('a'))).toBe('given');
    crew.want(0);
    expect(stage.worker.ends).toEqual([]);
    stage.worker.answer();
    expect(stage.worker.ends).toEqual(['drain']);
    stage.worker.die(CRASH);
    expect(crew.isEmpty).toBe(true);
  });

  test('where nothing waits all end at once, and no start is left on the clock', () => {
    crew.want(1);
    stage.worker.ready().die();
    crew.want(1);
    stage.worker.ready().die();
    crew.want(1);
    crew.want(0);
    crew.retire();
    expect(stage.clock.timers.map(({ dueMs }) => dueMs - stage.clock.now)).toEqual([]);
    expect(crew.isEmpty).toBe(true);
  });
});

test('a worker that takes no question is killed, and its room is gone at once', () => {
  crew.want(1);
  stage.worker.ready().takes = undefined;
  expect(crew.give(task('a'))).toBe('noRoom');
  expect(stage.worker.ends).toEqual(['kill']);
  expect(crew.tasksAtOnce).toBe(0);
});

test('an event that is too long for a worker ends none', () => {
  crew.want(1);
  stage.worker.ready().takes = 'tooLong';
  expect(crew.give(task('a'))).toBe('tooLong');
  expect(stage.worker.ends).toEqual([]);
});
