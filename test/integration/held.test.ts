/** What a warm hook held is free when its answer is there, as after a direct run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HOOK_CLIENT, TestDaemon } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

const TIMES = 40;
/** Ends with the lock held, by a descriptor that no object will close. */
const PYTHON = `import fcntl, os
fcntl.flock(os.open('lock', os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX | fcntl.LOCK_NB)
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
