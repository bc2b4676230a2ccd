/** An interpreter that cannot be kept warm: its hooks run all the same, and `status` tells the cause. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

let daemon: TestDaemon;
beforeAll(() => {
  daemon = TestDaemon.start();
});
afterAll(async () => {
  expect(await daemon?.stop()).toEqual([]);
});

it('a program called node that ends at once: its exit status as directly, and the reason in status and explanation', async () => {
  const folder = join(daemon.home.root, 'bin');
  mkdirSync(folder);
  const node = join(folder, 'node');
  copyFileSync('/bin/false', node);
  const hook = () => runHook(daemon.home, [node, 'hook.js']);
  expect(await hook()).toMatchObject({ code: 1, explained: { path: 'exec' } });
  const degraded = await waitFor('the pool to be given up', async () =>
    (await daemon.status()).degraded.find(({ layer }) => layer.startsWith(`warm ${node} `)),
  );
  expect(degraded.reason).toMatch(/cannot be kept warm: exit status 1: /);
  expect(degraded.remedy).toMatch(/run through exec, and it tries again in \d+ s$/);
  const pool = (await daemon.status()).pools.find(({ runtime }) => runtime === 'node');
  expect(pool).toMatchObject({
    state: 'quarantined',
    why: degraded.reason,
    deaths: [{ cause: 'exit status 1', count: 6 }],
  });
  expect(pool?.nextStartInMs).toBeGreaterThan(20_000);
  expect(await hook()).toMatchObject({ code: 1, explained: { path: 'exec', why: degraded.reason } });
  expect(daemon.home.log()).toContain('cannot be kept warm');
});

it('a Python that cannot start: held after six starts with growing delays, its hooks answered as directly, the cause in words', async () => {
  const argv = ['env', 'PYTHONHOME=/nowhere', findPython().executable, '-c', 'print(1)'];
  const hook = () => runHook(daemon.home, argv);
  const first = await hook();
  expect(first).toMatchObject({ explained: { path: 'exec', outcome: 'answered' } });
  expect(first.code).not.toBe(0);
  const pool = await waitFor('quarantine', async () =>
    (await daemon.status()).pools.find(({ runtime, state }) => runtime === 'python' && state === 'quarantined'),
  );
  expect(pool.deaths).toEqual([{ cause: 'exit status 1', count: 6 }]);
  expect(pool.why).toContain('cannot be kept warm: exit status 1');
  const again = await hook();
  expect(again).toMatchObject({ code: first.code, explained: { path: 'exec', why: pool.why } });
  const later = (await daemon.status()).pools.find(({ id }) => id === pool.id);
  expect(later?.deaths).toEqual(pool.deaths);
});
