import { describe, expect, it } from 'vitest';
import { canAnswer, type Starting, whenReady } from '../../../supervisor/wiring/ready.js';
import { FakeClock } from '../../lib/fake-clock.js';

const BUDGET_MS = 1_000;

const pool = (change: object = {}) => ({
  ...{ isReady: true, failure: undefined, spec: { id: 'p', describes: '' } },
  ...{ slots: { parkedCount: 1 }, heldBecause: undefined, target: { share: 2 } },
  ...change,
});

async function answerAfter(ms: number, pools: Starting[], midway = () => {}): Promise<string | undefined | 'waits'> {
  const clock = new FakeClock();
  let answer: string | undefined | 'waits' = 'waits';
  void whenReady(pools, clock, BUDGET_MS).then((why) => {
    answer = why;
  });
  for (let passedMs = 0; passedMs < ms; passedMs += 20) {
    if (passedMs >= ms / 2) midway();
    await new Promise((done) => setImmediate(done));
    clock.pass(20);
  }
  await new Promise((done) => setImmediate(done));
  return answer;
}

describe('whenReady', () => {
  it('all have parked: at once', async () => {
    expect(await answerAfter(0, [pool(), pool()])).toBeUndefined();
  });

  it('one that keeps none parked: nothing is waited for', async () => {
    expect(
      await answerAfter(0, [pool({ isReady: false, slots: { parkedCount: 0 }, target: { share: 0 } })]),
    ).toBeUndefined();
  });

  it('waits for the slowest', async () => {
    const slow = pool({ slots: { parkedCount: 0 } });
    expect(await answerAfter(400, [pool(), slow])).toBe('waits');
    expect(
      await answerAfter(400, [pool(), slow], () => {
        slow.slots.parkedCount = 1;
      }),
    ).toBeUndefined();
  });

  it('one that cannot be kept: at once, with its reason', async () => {
    const bad = pool({ slots: { parkedCount: 0 }, heldBecause: 'it dies', spec: { describes: '/bin/py' } });
    expect(await answerAfter(0, [bad])).toBe('pool /bin/py: it dies');
  });

  it('none in time: after the budget, and not before', async () => {
    const slow = pool({ slots: { parkedCount: 0 } });
    expect(await answerAfter(BUDGET_MS - 20, [slow])).toBe('waits');
    expect(await answerAfter(BUDGET_MS + 20, [slow])).toBe('pool p: no process was parked within 1 s');
  });
});

describe('canAnswer', () => {
  const exec = (change: object) => ({
    ...{ isReady: true, heldBecause: undefined, slots: { parkedCount: 0, busyCount: 0 }, target: { isDrained: false } },
    ...change,
  });

  it.each([
    ['one is parked', exec({ slots: { parkedCount: 1, busyCount: 0 } }), true],
    ['all run hooks', exec({ slots: { parkedCount: 0, busyCount: 8 } }), true],
    ['none is there', exec({}), false],
    ['no keeper', exec({ isReady: false, slots: { parkedCount: 1, busyCount: 0 } }), false],
    ['drained by the operator', exec({ isReady: false, target: { isDrained: true } }), true],
    ['in quarantine', exec({ isReady: false, heldBecause: 'it died' }), true],
  ])('%s', (_what, pool, answers) => {
    expect(canAnswer(pool)).toBe(answers);
  });
});
