import { describe, expect, test } from 'vitest';
import { reasonsOf } from '../../../supervisor/cli/reasons.js';
import { causeText, errorText } from '../../../supervisor/cli/render/causes.js';
import { renderReasons } from '../../../supervisor/cli/render/reasons.js';
import type { ToldHappening } from '../../../supervisor/contract/happening.js';
import { poolDetail } from '../../lib/pool-detail.js';

function death(atMs: number, cause: string): ToldHappening {
  return { kind: 'keeperEnded', pool: 'exec', about: 'ended', seq: atMs, atMs, inputs: { delayMs: 0, cause } };
}

describe('words of why', () => {
  test('a pool that is well: its state, and nothing to be done', () => {
    expect(reasonsOf(poolDetail({ pool: { why: '', deaths: [], nextStartInMs: null } }))).toEqual({
      verdict: 'ready: 4 processes are parked, 1 run a hook',
      causes: [],
      next: '',
      meanwhile: '',
      remedy: '',
    });
  });

  test('after kicks: they are no deaths, and leave no last words', () => {
    const deaths = [{ cause: 'kicked', count: 2 }];
    const reasons = reasonsOf(poolDetail({ pool: { state: 'starting', why: '', deaths, nextStartInMs: null } }));
    expect(reasons).toMatchObject({ causes: ['kicked by the operator 2 times'], remedy: '' });
  });

  test('after deaths: how often and of what, the last cause first; the next start, what calls get, what helps', () => {
    const happenings = [death(40_000, 'signal 9'), death(90_000, 'signal 9')];
    const deaths = [
      { cause: 'exit status 127', count: 1 },
      { cause: 'signal 9', count: 2 },
    ];
    const pool = { state: 'backoff', why: 'its keeper ended: signal 9', deaths, nextStartInMs: 6_200 } as const;
    expect(reasonsOf(poolDetail({ pool, happenings }))).toEqual({
      verdict: 'waiting: its keeper ended, and is started again after a pause',
      causes: [
        'its keeper ended: signal 9',
        'died 2 times: SIGKILL (killed from outside, or by the kernel for want of memory), the last 10s ago',
        'died once: exit status 127 (the program was not found)',
      ],
      next: 'next start in 6.2s',
      meanwhile: 'its hooks are run directly by their client, with its --on-unavailable policy',
      remedy: 'supervisor logs --pool exec and keeper.log have its last words; supervisor kick exec tries at once',
    });
  });

  test('in quarantine: the failed step with the error in plain words, and when it is tried', () => {
    const failure = { stage: 'execution', errnum: 2, subject: '/opt/none/python' };
    const pool = { state: 'quarantined', runtime: 'python', nextStartInMs: 25_000 } as const;
    const reasons = reasonsOf(poolDetail({ pool, failure }));
    expect(reasons.causes).toContain(
      'the last start failed at this step: execution: /opt/none/python: ENOENT (no such file or directory)',
    );
    expect(reasons.next).toBe('one start tries whether the cause is gone, in 25.0s');
    expect(reasons.meanwhile).toContain('through exec');
    expect(reasons.remedy).toContain('put the step above right');
  });

  test('of a configuration before: it goes, and nobody has to do anything', () => {
    const place = { set: 1, standing: 'leaving' as const };
    const reasons = reasonsOf(poolDetail({ pool: { state: 'draining', isDrained: true, ...place } }));
    expect(reasons).toMatchObject({
      verdict: 'draining: its configuration is not in force any more, it goes with its last hook',
      meanwhile: 'its calls go to the pools of the configuration in force',
      remedy: '',
    });
  });

  test('drained, or above contained: what calls get meanwhile', () => {
    const drained = reasonsOf(poolDetail({ pool: { isDrained: true, runtime: 'node' } }));
    expect([drained.verdict, drained.meanwhile]).toEqual([
      'drained: by the operator, it takes no new calls',
      'its hooks run through exec: the same answers, as slow as a cold start',
    ]);
    expect(drained.remedy).toBe('supervisor drain --undo exec');
    const held = reasonsOf(poolDetail({ pool: { state: 'backoff', level: 'untrusted' } }));
    expect(held.meanwhile).toContain('refused and block');
  });

  test.each([40, 80])('%i columns: every line fits, and what continues stands below its own words', (width) => {
    const detail = poolDetail({
      pool: { state: 'backoff', deaths: [{ cause: 'signal 9', count: 3 }], nextStartInMs: 10 },
    });
    const lines = renderReasons(detail, reasonsOf(detail), { width, isColoured: false }).split('\n');
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    expect(lines.slice(1, -1).every((line) => /^(\w+ +| {11})\S/.test(line))).toBe(true);
  });
});

test.each([
  ['exit status 3', 'exit status 3'],
  ['while parked: signal 11', 'while parked: SIGSEGV (it touched memory that is not its own, a fault of the program)'],
  ['signal 63', 'signal 63'],
  ['execution of the zygote failed: EACCES', 'execution of the zygote failed: EACCES (permission denied)'],
  ['out of memory', 'out of memory'],
])('%s: %s', (cause, words) => {
  expect(causeText(cause)).toBe(words);
});

test('an error that the system does not name is a number; none is nothing', () => {
  expect([errorText(0), errorText(13), errorText(9999)]).toEqual(['', 'EACCES (permission denied)', 'error 9999']);
});
