/** Many clients at once: every call gets its own answer, none is lost, none runs twice, and the queue has an end. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { LIMITS } from '../../supervisor/contract/limits.js';
import { TestDaemon } from '../lib/daemon.js';
import { Hook, type HookEnd, runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

const ECHO_PYTHON = `
import os, sys
number = sys.argv[1]
open(os.path.join(sys.argv[2], number), 'a').write('x')
sys.stdout.write(number + ':' + sys.stdin.read())
sys.stderr.write('e' + number)
sys.exit(int(number) % 50)
`;
const ECHO_SHELL = 'printf x >> "$2/$1"; printf "%s:" "$1"; cat; printf "e%s" "$1" >&2; exit $(($1 % 50))';

let daemon: TestDaemon;
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

it('200 calls from 16 clients at once: each its own answer, exit status and single start', async () => {
  const clients = 16;
  const calls = 200;
  daemon = TestDaemon.start();
  const { home } = daemon;
  const folder = join(home.root, 'starts');
  await mkdir(folder);
  writeFileSync(join(home.root, 'echo.py'), ECHO_PYTHON);
  const argvOf = (number: number) =>
    number % 2 === 0
      ? [findPython().executable, 'echo.py', String(number), folder]
      : ['/bin/sh', '-c', ECHO_SHELL, 'sh', String(number), folder];
  const ends: HookEnd[] = [];
  let next = 0;
  const client = async () => {
    for (let number = next++; number < calls; number = next++) {
      ends[number] = await runHook(home, argvOf(number), { stdin: `input of ${number}` });
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  for (let number = 0; number < calls; number++) {
    expect(ends[number], `call ${number}`).toMatchObject({
      code: number % 50,
      signal: null,
      stdout: `${number}:input of ${number}`,
      stderr: `e${number}`,
    });
    expect(readFileSync(join(folder, String(number)), 'utf8'), `starts of ${number}`).toBe('x');
  }
  const { calls: counted } = await daemon.status();
  expect(counted).toMatchObject({ queued: 0, active: 0, byOutcome: { answered: expect.any(Number) } });
  expect(counted.byPath.worker).toBeGreaterThan(0);
}, 120_000);

it('more calls than the queue holds: the rest is refused at once and runs directly, each once', async () => {
  daemon = TestDaemon.start({
    SUPERVISOR_SLOTS_PER_POOL: '1',
    SUPERVISOR_PARKED_EXEC: '1',
    SUPERVISOR_PARKED_PYTHON: '1',
  });
  const { home } = daemon;
  const folder = join(home.root, 'starts');
  await mkdir(folder);
  const release = join(home.root, 'release');
  const holder = new Hook(home, ['cat'], { stdin: null });
  await waitFor('the slot to be taken', async () => ((await daemon.status()).calls.active === 1 ? true : undefined));
  const beyond = 6;
  const calls = LIMITS.queuedCallsPerPoolMax + beyond;
  const script = 'printf x >> "$2/$1"; until [ -e "$3" ]; do sleep 0.2; done';
  const hooks = Array.from(
    { length: calls },
    (_, number) => new Hook(home, ['/bin/sh', '-c', script, 'sh', String(number), folder, release]),
  );
  let queuedMax = 0;
  await waitFor('every call to be run', async () => {
    queuedMax = Math.max(queuedMax, (await daemon.status()).calls.queued);
    return readdirSync(folder).length === calls ? true : undefined;
  });
  expect(existsSync(release)).toBe(false);
  writeFileSync(release, '');
  const ends = await Promise.all(hooks.map((hook) => hook.end));
  for (const end of ends) expect(end).toMatchObject({ code: 0, stderr: '', explained: { path: 'direct' } });
  const refusedAtOnce = ends.filter(({ explained }) => explained?.why.includes('too many calls are waiting'));
  expect(refusedAtOnce.length).toBeGreaterThanOrEqual(beyond);
  expect(queuedMax).toBeLessThanOrEqual(LIMITS.queuedCallsPerPoolMax);
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), 'utf8'), `starts of ${name}`).toBe('x');
  holder.process.stdin.end('held');
  expect(await holder.end).toMatchObject({ code: 0, stdout: 'held', explained: { path: 'exec' } });
}, 120_000);
