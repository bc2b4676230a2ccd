/** What a warm hook held is free when its answer is there, as after a direct run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HOOK_CLIENT, TestDaemon } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

const TIMES = 40;
/** Ends with the lock held; memory makes the kernel's work on its end long. */
const PYTHON = `import fcntl
file = open('lock', 'w')
fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
ballast = b'x' * (32 << 20)
`;
const NODE = `const server = require('node:net').createServer();
globalThis.ballast = Buffer.alloc(32 << 20, 1);
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1' }, () => process.exit());
`;

let daemon: TestDaemon;
beforeEach(() => {
  daemon = TestDaemon.start();
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

async function untilWarm(argv: readonly string[]): Promise<void> {
  await waitFor(
    'a warm answer',
    async () => (await runHook(daemon.home, argv)).explained?.path === 'worker' || undefined,
  );
}

/** From a shell, which starts the next one sooner than we could. */
function oneAfterTheOther(argv: readonly string[]) {
  const loop = `for i in $(seq ${TIMES}); do "$0" run -- "$@" || exit 1; done`;
  const { status, stderr } = daemon.home.execute('/bin/sh', ['-c', loop, HOOK_CLIENT, ...argv]);
  return { status, stderr };
}

it('a lock that a Python hook has not given back', async () => {
  writeFileSync(join(daemon.home.root, 'lock.py'), PYTHON);
  const argv = [findPython().executable, 'lock.py'];
  await untilWarm(argv);
  expect(oneAfterTheOther(argv)).toEqual({ status: 0, stderr: '' });
});

it('a port that a Node hook listens on when it exits', async () => {
  writeFileSync(join(daemon.home.root, 'port.cjs'), NODE);
  const argv = [process.execPath, 'port.cjs', String(20_000 + (process.pid % 10_000))];
  await untilWarm(argv);
  expect(oneAfterTheOther(argv)).toEqual({ status: 0, stderr: '' });
});
