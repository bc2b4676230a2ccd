/** Many clients at once: every call gets its own answer, none is lost, none runs twice, and the queue has an end. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { LIMITS } from '../../supervisor/contract/limits.js';
import type { Explanation } from '../../supervisor/contract/outcome.js';
import { HOOK_CLIENT, TestDaemon } from '../lib/daemon.js';
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

it('more calls than the queue holds: the rest is refused at once; whoever is refused runs directly, each once', async () => {
  daemon = TestDaemon.start({
    SUPERVISOR_SLOTS_PER_POOL: '1',
    SUPERVISOR_PARKED_EXEC: '1',
    SUPERVISOR_PARKED_PYTHON: '1',
  });
  const { home } = daemon;
  for (const folder of ['starts', 'explained']) await mkdir(join(home.root, folder));
  const holder = new Hook(home, ['cat'], { stdin: null });
  await waitFor('the slot to be taken', async () => ((await daemon.status()).calls.active === 1 ? true : undefined));
  const beyond = 20;
  const calls = LIMITS.queuedCallsPerPoolMax + beyond;
  // All at once from a shell: the first ones may not wait in vain before the last one has come.
  const hook = 'printf x >> "starts/$1"; until [ -e release ]; do sleep 0.2; done';
  const all = `n=0; while [ $n -lt ${calls} ]; do n=$((n + 1))
    "${HOOK_CLIENT}" run --explain explained/$n -- /bin/sh -c '${hook}' sh $n </dev/null &
  done; wait`;
  const clients = spawn('/bin/sh', ['-c', all], { cwd: home.root, env: home.env, stdio: 'ignore' });
  const ended = new Promise((resolve) => clients.on('exit', resolve));
  let queuedMax = 0;
  await waitFor('every call to be run', async () => {
    queuedMax = Math.max(queuedMax, (await daemon.status()).calls.queued);
    return readdirSync(join(home.root, 'starts')).length === calls ? true : undefined;
  });
  writeFileSync(join(home.root, 'release'), '');
  await ended;
  const explained = readAll(join(home.root, 'explained')).map((line) => JSON.parse(line) as Explanation);
  expect(explained).toHaveLength(calls);
  expect(new Set(explained.map(({ path, outcome }) => `${path} ${outcome}`))).toEqual(new Set(['direct answered']));
  expect(explained.filter(({ why }) => why.includes('too many calls')).length).toBeGreaterThanOrEqual(beyond);
  expect(explained.filter(({ why }) => why.includes('no worker came free')).length).toBeGreaterThan(0);
  expect(queuedMax).toBeLessThanOrEqual(LIMITS.queuedCallsPerPoolMax);
  expect(new Set(readAll(join(home.root, 'starts'))), 'starts of each').toEqual(new Set(['x']));
  holder.process.stdin.end('held');
  expect(await holder.end).toMatchObject({ code: 0, stdout: 'held', explained: { path: 'exec' } });
}, 120_000);

function readAll(folder: string): string[] {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
}
