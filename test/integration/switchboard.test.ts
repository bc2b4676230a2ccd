/** A call like one before is started, passed on and ended without JavaScript; whatever is not plain is handed over. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestDaemon, type TestHome } from '../lib/daemon.js';
import { counted, Hook, type HookEnd, type HookOptions, runHook, starts } from '../lib/hook.js';
import { identify } from '../lib/processes.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

let daemon: TestDaemon;
let home: TestHome;
beforeEach(() => {
  daemon = TestDaemon.start();
  home = daemon.home;
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

const switched = async () => (await daemon.status()).calls.switched;
const sh = (text: string) => ['/bin/sh', '-c', text, 'sh'];
const plain = (argv: readonly string[], options: HookOptions = {}) =>
  runHook(home, argv, { explain: false, ...options });

/** Runs it until the switchboard does. */
async function teach(argv: readonly string[], options: HookOptions = {}): Promise<void> {
  await waitFor('the switchboard to know the call', async () => {
    const before = await switched();
    await plain(argv, options);
    return (await switched()) > before ? true : undefined;
  });
}

/** The end of a call, which the switchboard has started. */
async function switchedEnd(argv: readonly string[], options: HookOptions = {}): Promise<HookEnd> {
  const before = await switched();
  const end = await plain(argv, options);
  expect(await switched(), 'started by the switchboard').toBe(before + 1);
  return end;
}

describe('the plain way', () => {
  it('stdin, stdout, stderr and exit status are those of the hook, each time with its own stdin', async () => {
    const argv = sh('read line; echo "out $line"; echo "err $line" >&2; exit 7');
    await teach(argv, { stdin: 'first\n' });
    for (const word of ['a', 'b', 'ü\0ü']) {
      const end = await switchedEnd(argv, { stdin: `${word}\n` });
      const text = word.replaceAll('\0', '');
      expect(end).toMatchObject({ code: 7, signal: null, stdout: `out ${text}\n`, stderr: `err ${text}\n` });
    }
    expect((await daemon.status()).calls).toMatchObject({ active: 0, queued: 0 });
  });

  it('a warm interpreter answers, never the same process twice', async () => {
    writeFileSync(join(home.root, 'pid.py'), 'import os, sys; print(os.getpid(), sys.stdin.read())');
    const argv = [findPython().executable, 'pid.py'];
    await teach(argv);
    const ends: string[] = [];
    for (let i = 0; i < 5; i++) {
      // A parked process is there: the call before has been refilled.
      await waitFor('a parked process', async () => (await pythonPool()).parked > 0 || undefined);
      ends.push((await switchedEnd(argv, { stdin: `n${i}` })).stdout);
    }
    expect(ends.map((text) => text.replace(/^\d+ /, ''))).toEqual([0, 1, 2, 3, 4].map((i) => `n${i}\n`));
    expect(new Set(ends.map((text) => text.split(' ')[0])).size).toBe(5);
    expect((await pythonPool()).busy).toBe(0);
  });

  const pythonPool = async () => {
    const pool = (await daemon.status()).pools.find(({ runtime }) => runtime === 'python');
    if (pool === undefined) throw new Error('no python pool');
    return pool;
  };

  it('a call that asks for an explanation is told how it went', async () => {
    const argv = sh('exit 3');
    await teach(argv);
    const { code, explained } = await runHook(home, argv);
    expect(code).toBe(3);
    expect(explained).toMatchObject({ path: 'exec', outcome: 'answered', pid: expect.any(Number) });
    expect(explained?.milliseconds).toBeGreaterThan(0);
  });

  it('every exit code', async () => {
    const argv = sh('read code; exit $code');
    await teach(argv, { stdin: '0\n' });
    for (const code of [1, 2, 126, 127, 255]) {
      expect((await plain(argv, { stdin: `${code}\n` })).code).toBe(code);
    }
  });
});

describe('handed over', () => {
  it('a death by signal', async () => {
    const argv = sh('kill -9 $$');
    await teach(argv);
    expect(await switchedEnd(argv)).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  it('more output than the socket takes at once, whole and in order', async () => {
    const argv = sh('i=0; while [ $i -lt 40000 ]; do i=$((i+1)); echo "line $i"; done');
    await teach(argv);
    const { stdout } = await switchedEnd(argv);
    expect(stdout).toBe(Array.from({ length: 40_000 }, (_, i) => `line ${i + 1}\n`).join(''));
  }, 60_000);

  it('a signal to the client reaches the hook', async () => {
    const file = join(home.root, 'started');
    const argv = counted(
      file,
      'read word; trap "exit 9" TERM; echo ready; [ -n "$word" ] && exit 0; while :; do sleep 0.05; done',
    );
    await teach(argv, { stdin: 'x\n' });
    const before = await switched();
    const hook = new Hook(home, argv, { explain: false });
    await waitFor('the hook to be ready', () => (hook.stdout.includes('ready') ? true : undefined));
    hook.process.kill('SIGTERM');
    expect(await hook.end).toMatchObject({ signal: 'SIGTERM' });
    expect(await switched()).toBe(before + 1);
    await waitFor('the hook to be gone', async () => ((await daemon.status()).calls.active === 0 ? true : undefined));
  });

  it('status shows such a hook while it runs', async () => {
    const argv = sh('read word; [ -n "$word" ] || sleep 0.5; echo done');
    await teach(argv, { stdin: 'x\n' });
    const before = await switched();
    const hook = new Hook(home, argv, { explain: false });
    await waitFor('the hook to run', async () => ((await daemon.status()).calls.active === 1 ? true : undefined));
    expect(await switched()).toBe(before + 1);
    expect((await daemon.status()).pools.find(({ id }) => id === 'exec')?.busy).toBe(1);
    expect(await hook.end).toMatchObject({ code: 0, stdout: 'done\n' });
  });

  it('down waits for such a hook', async () => {
    const file = join(home.root, 'started');
    const argv = counted(file, 'read word; [ -n "$word" ] || sleep 0.5; echo done');
    await teach(argv, { stdin: 'x\n' });
    const done = starts(file).length;
    const hook = new Hook(home, argv, { explain: false });
    await waitFor('the hook to have started', () => (starts(file).length > done ? true : undefined));
    expect(home.supervisor(['down']).status).toBe(0);
    expect(await hook.end).toMatchObject({ code: 0, stdout: 'done\n' });
    daemon = TestDaemon.startIn(home);
  });

  it('SIGTERM of the daemon waits for such a hook', async () => {
    const file = join(home.root, 'started');
    const argv = counted(file, 'read word; [ -n "$word" ] || sleep 0.5; echo done');
    await teach(argv, { stdin: 'x\n' });
    const { pid } = await daemon.status();
    const done = starts(file).length;
    const hook = new Hook(home, argv, { explain: false });
    await waitFor('the hook to have started', () => (starts(file).length > done ? true : undefined));
    process.kill(pid, 'SIGTERM');
    expect(await hook.end).toMatchObject({ code: 0, stdout: 'done\n' });
    await waitFor('the daemon to be gone', () => (identify(pid) === undefined ? true : undefined));
    daemon = TestDaemon.startIn(home);
  });

  it('a signal that comes in one read with a long call', async () => {
    const through = ['env', `LONG=${'x'.repeat(45_000)}`];
    const argv = sh('read word; [ -n "$word" ] || sleep 20; echo done');
    await teach(argv, { stdin: 'x\n', through });
    const { pid } = await daemon.status();
    process.kill(pid, 'SIGSTOP');
    const hook = new Hook(home, argv, { explain: false, through });
    await sleep(200);
    hook.process.kill('SIGTERM');
    await sleep(100);
    process.kill(pid, 'SIGCONT');
    expect(await hook.end).toMatchObject({ signal: 'SIGTERM', stdout: '' });
  });

  it('to a parked process that has just died: another one answers', async () => {
    const argv = sh('echo $$');
    await teach(argv);
    const status = await daemon.status();
    const exec = status.pools.find(({ id }) => id === 'exec');
    process.kill(status.pid, 'SIGSTOP');
    const hook = new Hook(home, argv, { explain: false });
    await sleep(200);
    for (const { pid } of exec?.workers ?? []) process.kill(pid, 'SIGKILL');
    await sleep(100);
    process.kill(status.pid, 'SIGCONT');
    expect(await hook.end).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\n$/) });
    expect((await daemon.status()).calls.active).toBe(0);
  });

  it('a client that is killed: its hook is stopped, though nobody asks for anything', async () => {
    const file = join(home.root, 'started');
    const argv = counted(file, 'read word; [ -n "$word" ] && exit 0; exec sleep 60');
    await teach(argv, { stdin: 'x\n' });
    const done = starts(file).length;
    const before = await switched();
    const hook = new Hook(home, argv, { explain: false });
    await waitFor('the hook to have started', () => (starts(file).length > done ? true : undefined));
    const pid = starts(file).at(-1) ?? 0;
    expect(identify(pid)).toBeDefined();
    hook.process.kill('SIGKILL');
    // Not status: it would take the call out of the switchboard's hands.
    await waitFor('the hook to be gone', () => (identify(pid) === undefined ? true : undefined));
    expect(await switched()).toBe(before + 1);
  });

  it('stdin that comes late, in pieces, and is over late', async () => {
    const argv = ['cat'];
    await teach(argv);
    const before = await switched();
    const hook = new Hook(home, argv, { explain: false, stdin: null });
    const pieces = ['one ', 'two '.repeat(5_000), 'three '.repeat(60_000)];
    for (const piece of pieces) {
      hook.process.stdin.write(piece);
      const soFar = pieces.slice(0, pieces.indexOf(piece) + 1).join('').length;
      await waitFor('the piece to come back', () => (hook.stdout.length === soFar ? true : undefined));
    }
    hook.process.stdin.end();
    expect(await hook.end).toMatchObject({ code: 0, stdout: pieces.join('') });
    expect(await switched()).toBe(before + 1);
  });

  it('declined by the warm interpreter after stdin has come: answered by another process, with all of it', async () => {
    // A source in another encoding is not for a warm interpreter.
    writeFileSync(join(home.root, 'late.py'), 'import sys; print(sys.stdin.read())');
    const argv = [findPython().executable, 'late.py'];
    await teach(argv);
    writeFileSync(join(home.root, 'late.py'), '# coding: latin-1\nimport sys; print("new", sys.stdin.read())');
    const end = await switchedEnd(argv, { stdin: 'word' });
    expect(end).toMatchObject({ code: 0, stdout: 'new word\n' });
  });

  it('kill -9 of the keeper while such a hook runs: it ends as one that started, once, and the pool is whole again', async () => {
    const file = join(home.root, 'started');
    const argv = counted(file, 'read word; [ -n "$word" ] && exit 0; sleep 60');
    await teach(argv, { stdin: 'x\n' });
    const done = starts(file).length;
    const hook = new Hook(home, argv, { explain: false });
    await waitFor('the hook to have started', () => (starts(file).length > done ? true : undefined));
    const keeper = (await daemon.status()).keepers.find(({ pool }) => pool === 'exec');
    process.kill(keeper?.pid ?? 0, 'SIGKILL');
    const end = await hook.end;
    expect(end.code).toBe(1);
    expect(end.stderr).toContain('keeper');
    expect(starts(file)).toHaveLength(done + 1);
    await teach(argv, { stdin: 'x\n' });
  });
});

describe('not by an old route', () => {
  it('once a program of that name has appeared earlier on PATH', async () => {
    const early = join(home.root, 'early');
    const late = join(home.root, 'late');
    for (const folder of [early, late]) mkdirSync(folder);
    const write = (folder: string, text: string) => {
      writeFileSync(join(folder, 'tool'), `#!/bin/sh\necho ${text}\n`);
      chmodSync(join(folder, 'tool'), 0o755);
    };
    write(late, 'late');
    Object.assign(home.env, { PATH: `${early}:${late}:/usr/bin:/bin` });
    await teach(['tool']);
    expect((await switchedEnd(['tool'])).stdout).toBe('late\n');
    write(early, 'early');
    expect((await plain(['tool'])).stdout).toBe('early\n');
    rmSync(join(early, 'tool'));
    expect((await plain(['tool'])).stdout).toBe('late\n');
  });

  it('once a link leads to another program', async () => {
    const link = join(home.root, 'link');
    symlinkSync('/bin/echo', link);
    await teach([link, 'word']);
    expect((await switchedEnd([link, 'word'])).stdout).toBe('word\n');
    rmSync(link);
    symlinkSync('/bin/false', link);
    expect(await plain([link, 'word'])).toMatchObject({ code: 1, stdout: '' });
  });

  it('of another environment, umask or argument', async () => {
    const argv = sh('umask; echo "$WORD"');
    await teach(argv, { through: ['env', 'WORD=one'] });
    expect((await switchedEnd(argv, { through: ['env', 'WORD=one'] })).stdout).toMatch(/one\n$/);
    const before = await switched();
    expect((await plain(argv, { through: ['env', 'WORD=two'] })).stdout).toMatch(/two\n$/);
    expect((await plain(argv, { through: ['sh', '-c', 'umask 077; WORD=one exec "$@"', 'sh'] })).stdout).toBe(
      '0077\none\n',
    );
    expect(await switched()).toBe(before);
  });
});
