import { describe, expect, test } from 'vitest';
import { reasonsOf } from '../../../supervisor/cli/reasons.js';
import { endText, errorText } from '../../../supervisor/cli/render/causes.js';
import { renderReasons } from '../../../supervisor/cli/render/reasons.js';
import type { ToldHappening } from '../../../supervisor/contract/happening.js';
import { poolDetail } from '../../lib/pool-detail.js';

function death(atMs: number, exitCode: number, signal: number): ToldHappening {
  return {
    kind: 'keeperEnded',
    pool: 'exec',
    about: 'ended',
    seq: atMs,
    atMs,
    inputs: { delayMs: 0, exitCode, signal },
  };
}

describe('words of why', () => {
  test('a pool that is well: its state, and nothing to be done', () => {
    expect(reasonsOf(poolDetail())).toEqual({
      verdict: 'ready: 4 processes are parked, 1 run a hook',
      causes: [],
      next: '',
      meanwhile: '',
      remedy: '',
    });
  });

  test('held back: deaths by how they came, the next start, what calls get, what helps', () => {
    const happenings = [death(40_000, 0, 9), death(70_000, 127, 0), death(90_000, 0, 9)];
    const detail = poolDetail({ pool: { state: 'backoff', parked: 0 }, nextStartInMs: 6_200, happenings });
    expect(reasonsOf(detail)).toEqual({
      verdict: 'held back: its keeper has ended too often, and is started again after a pause',
      causes: [
        'its keeper ended by SIGKILL: killed from outside, or by the kernel for want of memory; 2 times, the last 10s ago',
        'its keeper ended with exit code 127: the program was not found; once, 30s ago',
      ],
      next: 'next start in 6.2s',
      meanwhile: 'its hooks are run directly by their client, with its --on-unavailable policy',
      remedy: 'supervisor logs --pool exec and keeper.log have its last words; supervisor kick exec tries at once',
    });
  });

  test('a start that fails: the step, what it was about, and the error in plain words', () => {
    const failure = { stage: 'execution', errnum: 2, subject: '/opt/none/python' };
    const { causes, remedy } = reasonsOf(poolDetail({ pool: { state: 'starting', parked: 0 }, failure }));
    expect(causes).toEqual([
      'the last start failed at this step: execution: /opt/none/python: no such file or directory (ENOENT)',
    ]);
    expect(remedy).toContain('put the step above right');
  });

  test('given up: why, when it is tried again, and that its hooks run all the same', () => {
    const givenUp = { why: 'cannot be kept warm: exit status 1: ImportError', retryInMs: 25_000 };
    const reasons = reasonsOf(poolDetail({ pool: { state: 'stopping', runtime: 'python' }, givenUp }));
    expect(reasons.causes).toEqual([givenUp.why]);
    expect(reasons.next).toBe('the first call after 25s tries again');
    expect(reasons.meanwhile).toContain('through exec');
  });

  test('drained, or above contained: what calls get meanwhile', () => {
    const drained = reasonsOf(poolDetail({ pool: { isDrained: true, runtime: 'node' } }));
    expect([drained.verdict, drained.meanwhile]).toEqual([
      'drained: by the operator, it takes no new calls',
      'its hooks run through exec: the same answers, as slow as a cold start',
    ]);
    expect(drained.remedy).toBe('supervisor drain --undo exec');
    const held = reasonsOf(poolDetail({ pool: { state: 'backoff', level: 'untrusted' }, nextStartInMs: 1 }));
    expect(held.meanwhile).toContain('refused and block');
  });

  test.each([40, 80])('%i columns: every line fits, and what continues stands below its own words', (width) => {
    const detail = poolDetail({ pool: { state: 'backoff' }, nextStartInMs: 10, happenings: [death(1, 0, 9)] });
    const lines = renderReasons(detail, reasonsOf(detail), { width, isColoured: false }).split('\n');
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    expect(lines.slice(1, -1).every((line) => /^(\w+ +| {11})\S/.test(line))).toBe(true);
  });
});

test.each([
  [3, 0, 'with exit code 3'],
  [0, 11, 'by SIGSEGV: it touched memory that is not its own: a fault of the program'],
  [0, 63, 'by signal 63'],
])('exit code %i, signal %i: %s', (exitCode, signal, words) => {
  expect(endText(exitCode, signal)).toBe(words);
});

test('an error that the system does not name is a number; none is nothing', () => {
  expect([errorText(0), errorText(13), errorText(9999)]).toEqual(['', 'permission denied (EACCES)', 'error 9999']);
});
