/** What has been sent from process to process and not received yet is counted for each user: a hook that sends descriptors to itself,
 *  which no sandbox forbids, must not have the clients of other hooks run those without theirs. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { callDaemon, PYTHON, run, type Step } from '../fixtures/client.js';

const IN_FLIGHT = 200;
const crowded = (limits: string) => ({
  shell: `exec ${PYTHON} ${resolve('test/fixtures/in_flight.py')} ${IN_FLIGHT} ${limits} "$0" "$@"`,
});
const answer: Step[] = [['call'], ['started'], ['stdout', 'served'], ['end', 0]];

test('beyond the soft limit: the daemon is asked, and told the limit as it was', async () => {
  const { report, ...result } = await callDaemon(answer, { ...run('echo', 'direct'), ...crowded('64:1024') });
  expect(result).toMatchObject({ code: 0, stdout: 'served', stderr: '' });
  expect(report.call).toMatchObject({ fds: 1, nofile: [64, 1024] });
});

test('beyond the hard limit: the hook does not run', async () => {
  const { report, ...result } = await callDaemon([['gone']], { ...run('echo', 'direct'), ...crowded('64:64') });
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toContain('too many descriptors of this user');
  expect(report).toMatchObject({ gone: true, frames: [] });
});

test('within the limit: nothing of it is noticed', async () => {
  const { code, stdout } = await callDaemon(answer, { ...run('echo', 'direct'), ...crowded('512:512') });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'served' });
});
