import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { LIFE, ResidentLife } from '../../../supervisor/ring/resident-life.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { isWhole } from '../../lib/state-table.js';

describe('signs of life', () => {
  isWhole(LIFE, 'calm');

  test('a sign calms, except of one that was told to be silent', () => {
    for (const [state, row] of Object.entries(LIFE)) expect(row.sign).toBe(state === 'silent' ? 'silent' : 'calm');
  });
});

const LOOP = LIMITS.residentLoopMaxMs;
const LOOK = LIMITS.residentPingEveryMs;

let clock: FakeClock;
let told: string[];
let isIdle: boolean;
let life: ResidentLife;
beforeEach(() => {
  clock = new FakeClock();
  told = [];
  isIdle = false;
  life = new ResidentLife({
    clock,
    isIdle: () => isIdle,
    ping: () => told.push('ping'),
    silent: () => told.push(`silent at ${clock.now}`),
  });
  life.begin();
});

/** In small steps, as time goes. */
function pass(ms: number): void {
  for (let at = 0; at < ms; at += 50) clock.pass(Math.min(50, ms - at));
}

describe('after an answer that came not in time', () => {
  test('one that gives no sign is told, soon, and once', () => {
    life.givenUp(0);
    expect(told).toEqual(['ping']);
    clock.pass(LOOP - 1);
    expect(told).toEqual(['ping']);
    clock.pass(1);
    expect(told, 'first what has come while we may have stood still').toEqual(['ping']);
    clock.pass(0);
    expect(told).toEqual(['ping', `silent at ${LOOP}`]);
    life.givenUp(0);
    pass(5 * LOOK);
    expect(told).toHaveLength(2);
  });

  test.each([
    ['in time', LOOP - 1],
    ['in the last turn', LOOP],
  ])('one that gives a sign %s goes on', (_when, ms) => {
    life.givenUp(0);
    clock.pass(ms);
    life.sign();
    pass(4 * LOOK);
    expect(told).toEqual(['ping']);
  });

  test('more of them make it no later', () => {
    for (let at = 0; at < LOOP; at += 100) {
      life.givenUp(0);
      clock.pass(100);
    }
    clock.pass(0);
    expect(told).toEqual(['ping', `silent at ${LOOP}`]);
  });
});

describe('after an answer that nobody wants any more', () => {
  test('one may be busy with it until its deadline and a moment', () => {
    life.givenUp(2_000);
    clock.pass(2_000 + LOOP - 1);
    expect(told).toEqual(['ping']);
    clock.pass(1);
    clock.pass(0);
    expect(told).toEqual(['ping', `silent at ${2_000 + LOOP}`]);
  });

  test('but not longer than between two looks, and one whose time is over makes it sooner', () => {
    life.givenUp(60_000);
    pass(LOOK);
    clock.pass(0);
    expect(told).toEqual(['ping', `silent at ${LOOK}`]);
  });

  test('a look in between changes nothing', () => {
    isIdle = true;
    clock.pass(LOOK - 100);
    told = [];
    life.sign();
    life.givenUp(60_000);
    pass(LOOK - 100);
    expect(told).toEqual(['ping']);
  });

  test('one whose time is over makes it sooner', () => {
    life.givenUp(60_000);
    clock.pass(100);
    life.givenUp(0);
    clock.pass(LOOP);
    clock.pass(0);
    expect(told).toEqual(['ping', `silent at ${100 + LOOP}`]);
  });

  test('where a sign is already due, none is asked for beside it', () => {
    isIdle = true;
    clock.pass(LOOK);
    life.givenUp(0);
    expect(told).toEqual(['ping']);
    pass(LOOP);
    clock.pass(0);
    expect(told).toEqual(['ping', `silent at ${LOOK + LOOP}`]);
  });
});
