/** `status` counts what the zygote of a pool has learned from the hooks that it has run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

let daemon: TestDaemon;
beforeEach(() => {
  daemon = TestDaemon.start();
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

it('scripts and modules are learned from calls, and calls are answered the same before and after', async () => {
  const script = join(daemon.home.root, 'hook.py');
  writeFileSync(script, 'import sys, zipfile\nprint(sys.argv[1], zipfile.__name__)\nraise SystemExit(3)');
  const call = () => runHook(daemon.home, [findPython().executable, script, 'x'], { explain: false });
  const learned = async () => (await daemon.status()).pools.find(({ runtime }) => runtime === 'python')?.learned;
  const expected = { code: 3, stdout: 'x zipfile\n', stderr: '' };

  await waitFor('the zygote to have learned the script and its module', async () => {
    expect(await call()).toMatchObject(expected);
    const counts = await learned();
    return counts?.scripts === 1 && counts.modules === 1 ? true : undefined;
  });
  for (let count = 0; count < 12; count++) expect(await call()).toMatchObject(expected);
  expect(await learned()).toEqual({ scripts: 1, modules: 1 });
  writeFileSync(script, 'print("edited")');
  expect(await call()).toMatchObject({ code: 0, stdout: 'edited\n', stderr: '' });
});
