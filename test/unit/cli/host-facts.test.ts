/** Small readers of the machine's state, each against the real machine. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockHolder } from '../../../supervisor/cli/daemon-state.js';
import { passedEnvironment } from '../../../supervisor/cli/detached-daemon.js';
import { elfLinkage } from '../../../supervisor/cli/doctor/installation.js';
import { shimManager } from '../../../supervisor/cli/doctor/search-path.js';
import { signalIfSame, waitUntilGone, withDescendants } from '../../../supervisor/cli/process-facts.js';
import { identify, isAlive } from '../../../supervisor/process-stat.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-facts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the holder of a lock', () => {
  test('held: the pid in the file; released or never there: nobody', async () => {
    const path = join(folder, 'lock');
    expect(lockHolder(path)).toBeUndefined();
    writeFileSync(path, '4711\n');
    expect(lockHolder(path)).toBeUndefined();
    const holder = spawn('flock', [path, 'sleep', '30'], { stdio: 'ignore', detached: true });
    try {
      await expect.poll(() => lockHolder(path)).toBe(4711);
    } finally {
      process.kill(-(holder.pid ?? 0), 'SIGKILL');
    }
    await expect.poll(() => lockHolder(path)).toBeUndefined();
  });

  test('a file without a pid: nobody', () => {
    writeFileSync(join(folder, 'lock'), 'x');
    expect(lockHolder(join(folder, 'lock'))).toBeUndefined();
  });
});

describe('processes', () => {
  test('descendants are found, killed only if they are still the same, and waited for', async () => {
    const child = spawn('sh', ['-c', 'sleep 60 & wait'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const parent = identify(pid) ?? { pid, startTicks: '' };
    await expect.poll(() => withDescendants([parent])).toHaveLength(2);
    const all = withDescendants([parent]);
    expect(all.map(isAlive)).toEqual([true, true]);
    expect(withDescendants([...all, parent])).toHaveLength(2);
    expect(withDescendants([{ pid, startTicks: '1' }])).toEqual([]);

    signalIfSame({ pid, startTicks: '1' }, 'SIGKILL');
    expect(await waitUntilGone(all, 50)).toHaveLength(2);

    for (const one of all) signalIfSame(one, 'SIGKILL');
    expect(await waitUntilGone(all, 5000)).toEqual([]);
    expect(identify(pid)).toBeUndefined();
  });
});

test('a detached daemon gets no secrets and no certificates of the shell', () => {
  const kept = { PATH: '/bin', HOME: '/h', LC_ALL: 'C', TZ: 'UTC', XDG_STATE_HOME: '/s', SUPERVISOR_CGROUP: 'none' };
  const dropped = {
    API_KEY: 'x',
    NODE_EXTRA_CA_CERTS: '/c',
    NODE_OPTIONS: '--inspect',
    LD_PRELOAD: '/l',
    PATHOLOGY: '1',
  };
  expect(passedEnvironment({ ...kept, ...dropped })).toEqual(kept);
});

describe('ELF linkage', () => {
  test('a dynamic program, a script, and a static program', () => {
    expect(elfLinkage(process.execPath)).toBe('dynamic');
    writeFileSync(join(folder, 'script'), '#!/bin/sh\n');
    expect(elfLinkage(join(folder, 'script'))).toBe('no ELF file');
    const source = join(folder, 'static.c');
    writeFileSync(source, 'void _start(void) { for (;;); }\n');
    const options = ['-static', '-nostdlib', '-o', join(folder, 'static'), source];
    expect(spawnSync('gcc', options).status).toBe(0);
    expect(elfLinkage(join(folder, 'static'))).toBe('static');
  });
});

describe('shims of version managers', () => {
  function write(path: string, text: string): string {
    const file = join(folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, 0o755);
    return file;
  }

  test('by place, by text and by link', () => {
    expect(shimManager(write('.pyenv/shims/python3', ''))).toBe('pyenv');
    expect(
      shimManager(write('bin/python3', '#!/usr/bin/env bash\nexec "/x/pyenv" exec "$program" "$@"\n# pyenv exec')),
    ).toBe('pyenv');
    expect(shimManager(write('b/python3', '#!/usr/bin/env bash\nexec /x/asdf exec "python3" "$@"\n'))).toBe('asdf');
    const mise = write('opt/bin/mise', '');
    symlinkSync(mise, join(folder, 'python3'));
    expect(shimManager(join(folder, 'python3'))).toBe('mise');
  });

  test('an interpreter, a binary that mentions pyenv, and nothing at all are none', () => {
    expect(shimManager(write('usr/bin/python3', '\x7fELF pyenv exec'))).toBeUndefined();
    expect(shimManager(join(folder, 'none'))).toBeUndefined();
  });
});
