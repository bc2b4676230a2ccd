/** supervisor-tracer, on shims of the test's own: what it reports, what it does not believe, and that no hook runs. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { TRACE_TIMEOUT_MS, type Trace, traceShim } from '../../../supervisor/router/trace.js';
import { source } from '../../lib/source.js';
import { makeWorkspace } from '../../lib/workspace.js';

const TRACER = join(import.meta.dirname, '../../../build/supervisor-tracer');
const root = join(mkdtempSync(join(tmpdir(), 'hook-supervisor-tracer-')), 'work');
const marker = join(root, 'the-hook-ran');
afterAll(() => rmSync(join(root, '..'), { recursive: true }));

const REAL = `exec ${root}/real/python3 "$@"\n`;
vi.setConfig({ testTimeout: 2 * TRACE_TIMEOUT_MS });
const ENV = ['PATH=/usr/bin:/bin', `ROOT=${root}`, 'KEPT=\xe9 \n', 'TWICE=1', 'TWICE=2'];

async function traced(shim: string, timeoutMs = TRACE_TIMEOUT_MS): Promise<Trace | undefined> {
  const files = {
    'shims/python3': `#!/bin/sh\n${shim}`,
    'real/python3': `#!/bin/sh\n: > ${marker}\n`,
    version: 'real\n',
  };
  makeWorkspace(root, files);
  const trace = await traceShim(
    TRACER,
    { path: `${root}/shims/python3`, argv: ['python3', 'a b', ''], env: ENV },
    root,
    timeoutMs,
  );
  expect(existsSync(marker), 'the hook ran').toBe(false);
  return trace;
}

test('a shim that becomes an interpreter: path, argv, environment and the files it has asked for', async () => {
  const trace = await traced(source`
    read -r version < version
    [ -e .local/version ] && exit 1
    for one in "$ROOT"/real/p*; do found=$one; done
    ADDED=$(echo x | tr x y) VERSION=$version exec "$found" "$@"
  `);
  expect(trace?.end).toMatchObject({
    path: `${root}/real/python3`,
    argv: ['/bin/sh', `${root}/real/python3`, 'a b', ''],
  });
  const env = typeof trace?.end === 'object' ? trace.end.env : [];
  expect(env).toEqual(expect.arrayContaining(['KEPT=\xe9 \n', 'ADDED=y', 'VERSION=real', `ROOT=${root}`]));
  expect([...(trace?.paths ?? [])]).toEqual(expect.arrayContaining([`${root}/version`, `${root}/.local/version`]));
  expect([...(trace?.listings ?? [])]).toEqual([`${root}/real`]);
});

test('a shim that becomes an interpreter by a relative path is reported with the whole path', async () => {
  expect((await traced('cd . && exec real/python3\n'))?.end).toMatchObject({ path: `${root}/real/python3` });
});

test('a shell that looks up its user, since the environment does not tell', async () => {
  const shim = `exec bash -c 'exec ${root}/real/python3 "$HOME" "$SHELL"'\n`;
  expect((await traced(shim))?.end).toMatchObject({ path: `${root}/real/python3` });
});

test('a child that has ended before its parent is seen to have started it is not waited for', async () => {
  // In which order the kernel tells of parent and child is left to chance: in one of some hundred pipes the wrong way round.
  const shim = `for one in 1 2 3 4 5 6 7 8 9 10; do for two in 1 2 3 4 5; do found=$(echo a | cat); done; done\n${REAL}`;
  for (let times = 0; times < 20; times++) {
    expect((await traced(shim))?.end).toMatchObject({ path: `${root}/real/python3` });
  }
});

const CHANGES = 'it changes files, or asks others than files';
const UNKNOWN = 'it starts a program that is not known';
test.each([
  ['writes a file', `echo x > ${root}/new\n${REAL}`, CHANGES],
  ['removes a file', `exec 5< version; rm -f ${root}/version\n${REAL}`, UNKNOWN],
  ['asks the network', `exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/9; ${REAL}'\n`, CHANGES],
  ['says something', `echo x\n${REAL}`, 'it says something itself'],
  ['warns of something', `echo x >&2\n${REAL}`, 'it says something itself'],
  ['reads stdin', `read -r line\n${REAL}`, 'it reads stdin'],
  ['goes to another folder', `cd /\n${REAL}`, 'it changes the folder'],
  ['sets the umask', `umask 0123\n${REAL}`, 'it changes signals or the umask'],
  ['ignores a signal', `trap '' TERM\n${REAL}`, 'it changes signals or the umask'],
  ['sets a limit', `ulimit -S -n 77\n${REAL}`, 'it changes limits'],
  ['hands on a descriptor', `exec 7< version\n${REAL}`, 'it hands on other descriptors'],
  ['starts the interpreter and waits for it', `${root}/real/python3; exit $?\n`, UNKNOWN],
  ['starts an unknown program', `id > /dev/null\n${REAL}`, UNKNOWN],
  ['starts nothing', 'exit 3\n', 'it does not become an interpreter'],
])('a shim that %s is not believed', async (_name, shim, why) => {
  expect((await traced(shim))?.end).toBe(why);
});

test('a shim that removes something does not get to do it', async () => {
  await traced(`unlink ${root}/version; ${REAL}`);
  await traced(`bash -c 'echo x > ${root}/version'; ${REAL}`);
  expect(readdirSync(root).sort()).toEqual(['real', 'shims', 'version']);
});

test('a shim that never ends is stopped, with all that it has started', async () => {
  expect(await traced('(while :; do :; done) & while :; do :; done\n', 1_000)).toBeUndefined();
});

test('a host on which the tracer cannot work: nothing is known', async () => {
  const shim = { path: '/bin/true', argv: ['true'], env: [] };
  expect(await traceShim('/nowhere/tracer', shim, '/', TRACE_TIMEOUT_MS)).toBeUndefined();
});
