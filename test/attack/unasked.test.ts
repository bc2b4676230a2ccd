/** The daemon runs some programs itself, to learn what they do: shells, and the shims of version managers. A hook may have
 *  written such a file, so for a call that is to be confined none is run outside of its sandbox. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Level } from '../../supervisor/contract/call.js';
import { HOOK_CLIENT, TestDaemon } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { onlyAt } from '../lib/only-at.js';

const SETTLE_MS = 20_000;
/** More than it takes to run a small script, several times. */
const IN_VAIN_MS = 1_500;

let daemon: TestDaemon;
let project: string;
const victims: ChildProcess[] = [];

beforeAll(() => {
  daemon = TestDaemon.start();
  project = join(daemon.home.root, 'project');
  mkdirSync(join(project, '.git'), { recursive: true });
});
afterAll(async () => {
  for (const victim of victims) victim.kill('SIGKILL');
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

function write(path: string, ...lines: string[]): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o755 });
  return path;
}

/** How often a shell of the project's own has run outside, after one call by it. */
function runsOfShell(level: Level): () => number {
  const marker = join(daemon.home.root, `ran-${level}`);
  const shell = write(join(project, level, 'bash'), '#!/bin/sh', `echo ran >> ${marker}`);
  daemon.home.execute(HOOK_CLIENT, ['sh', '--level', level, '--shell', shell, 'true'], { PWD: project });
  return () => (existsSync(marker) ? readFileSync(marker, 'utf8').split('\n').length - 1 : 0);
}

/** A process that a shim of the project's own kills if it is followed; after calls enough for that. */
async function victimOfShim(level: Level): Promise<ChildProcess> {
  const victim = spawn('sleep', ['1000'], { stdio: 'ignore' });
  victims.push(victim);
  const root = join(project, level);
  const shim = write(
    join(root, 'shims/python3'),
    '#!/bin/bash',
    `export PYENV_ROOT="${root}"`,
    `while read -r key value; do [ "$key" != TracerPid: ] || [ "$value" = 0 ] || kill -KILL ${victim.pid}; done </proc/$$/status`,
    `exec "${root}/pyenv" exec "$program" "$@"`,
  );
  const through = ['env', '-C', project];
  for (let calls = 0; calls < 3; calls++)
    await runHook(daemon.home, [shim, 'x.py'], { options: ['--level', level], through });
  return victim;
}

const isDead = (victim: ChildProcess) => victim.signalCode !== null;

it('contained: what runs with the rights of a direct run anyway is learned by running it', async () => {
  const runs = runsOfShell('contained');
  const victim = await victimOfShim('contained');
  await expect.poll(runs, { timeout: SETTLE_MS }).toBe(2); // the call, and the proof
  await expect.poll(() => isDead(victim), { timeout: SETTLE_MS }).toBe(true);
});

it.each(['restricted', 'untrusted'] as const)('%s: no shell and no shim is run to learn of it', async (level) => {
  const runs = runsOfShell(level);
  const victim = await victimOfShim(level);
  await new Promise((resolve) => setTimeout(resolve, IN_VAIN_MS));
  expect([runs(), isDead(victim)]).toEqual([0, false]);
});

it('restricted: the shell of the project does run, inside', onlyAt('restricted'), async () => {
  const inside = join(project, 'ran-inside');
  const shell = write(join(project, 'inside/bash'), '#!/bin/sh', `echo ran >> ${inside}`);
  const argv = ['sh', '--level', 'restricted', '--shell', shell, 'true'];
  daemon.home.execute('env', ['-C', project, HOOK_CLIENT, ...argv]);
  expect(readFileSync(inside, 'utf8')).toBe('ran\n');
});
