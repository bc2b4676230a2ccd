import { expect, it } from 'vitest';
import { restartCold } from '../../../supervisor/cli/restart.js';
import { ExitCode } from '../../../supervisor/contract/status.js';

const { OK, ALREADY_RUNNING, UNAVAILABLE } = ExitCode;

/** What it comes to, and what was done for it, by the answers of each step. */
async function cold(stops: number[], starts: number[]) {
  const done: string[] = [];
  const next = (name: string, answers: number[]) => async () => {
    done.push(name);
    return answers.shift() ?? ALREADY_RUNNING;
  };
  return { code: await restartCold(next('stop', stops), next('start', starts)), done };
}

it('cold: stopped, then started', async () => {
  expect(await cold([OK], [OK])).toEqual({ code: OK, done: ['stop', 'start'] });
});

it('cold: what cannot be stopped is not started', async () => {
  expect(await cold([UNAVAILABLE], [])).toEqual({ code: UNAVAILABLE, done: ['stop'] });
});

it('cold: a daemon that somebody else has started in between is stopped, too', async () => {
  expect(await cold([OK, OK], [ALREADY_RUNNING, OK])).toEqual({ code: OK, done: ['stop', 'start', 'stop', 'start'] });
});

it('cold: not for ever', async () => {
  const { code, done } = await cold(Array(99).fill(OK), []);
  expect([code, done.length]).toEqual([ALREADY_RUNNING, 8]);
});
