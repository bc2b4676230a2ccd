/** `--timeout` counts from the call, whatever it is spent on. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { counted, Hook, runHook, starts } from '../lib/hook.js';
import { identify } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

let daemon: TestDaemon;
let file: string;
beforeEach(() => {
  daemon = TestDaemon.start({ SUPERVISOR_SLOTS_PER_POOL: '1', SUPERVISOR_PARKED_EXEC: '1' });
  file = join(daemon.home.root, 'starts');
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

const isStarted = () => waitFor('its start', () => starts(file)[0]);

it('spent on waiting: timed out, never run by anybody, and whoever was in its way answers', async () => {
  const running = new Hook(daemon.home, counted(file, 'cat'), { stdin: null });
  await isStarted();
  const lateFile = join(daemon.home.root, 'late');
  const end = await runHook(daemon.home, counted(lateFile, 'exit 0'), { options: ['--timeout', '300ms'] });
  expect(end).toMatchObject({ code: 1, stdout: '', explained: { outcome: 'timedOut' } });
  expect(end.stderr).toBe('hook-supervisor: hook stopped: no end within 300 ms\n');
  running.process.stdin.end('still here');
  expect(await running.end).toMatchObject({ code: 0, stdout: 'still here' });
  expect(starts(lateFile)).toEqual([]);
});

it('spent by a hook that is stopped: it is gone, another one has its place', async () => {
  const options = ['--timeout', '300ms', '--on-unavailable', 'block'];
  const hook = new Hook(daemon.home, counted(file, 'kill -STOP $$'), { options });
  const pid = await isStarted();
  expect(await hook.end).toMatchObject({ code: 2, stdout: '', explained: { outcome: 'timedOut' } });
  await waitFor('its end', () => (identify(pid) === undefined ? true : undefined));
  const next = await runHook(daemon.home, ['echo', 'next']);
  expect(next).toMatchObject({ stdout: 'next\n', explained: { path: 'exec' } });
  expect(next.explained?.pid).not.toBe(pid);
});
