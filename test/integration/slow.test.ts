/** A hook that takes far longer than it usually does, from outside: told once, counted, shown. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LIMITS } from '../../supervisor/contract/limits.js';
import { TestDaemon } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';

let daemon: TestDaemon;
let hook: string;
beforeAll(() => {
  daemon = TestDaemon.start();
  hook = join(daemon.home.root, 'hook');
  writeFileSync(hook, '#!/bin/sh\n[ ! -e ${0%/*}/long ] || sleep 1.1\n');
  chmodSync(hook, 0o755);
});
afterAll(async () => expect(await daemon.stop(), 'left behind').toEqual([]));

const said = (...args: string[]) => daemon.home.supervisor(args).stdout;

test('a slow call is a happening with handler, time and median, also where the switchboard has answered it', async () => {
  for (let call = 0; call < LIMITS.usualTimesMin; call++) await runHook(daemon.home, [hook], { explain: false });
  expect((await daemon.status()).calls.switched).toBeGreaterThan(0);
  writeFileSync(join(daemon.home.root, 'long'), '');
  for (let call = 0; call < 2; call++) await runHook(daemon.home, [hook], { explain: false });
  expect((await daemon.status()).pools.find(({ id }) => id === 'exec')?.slow).toEqual({ calls: 2, starts: 0 });
  const events = said('events', '--json').split('\n').filter(Boolean);
  const slow = events.map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'slow');
  expect(slow).toEqual([expect.objectContaining({ pool: 'exec' })]);
  const { handler, runMs, medianMs, since } = slow[0].inputs;
  expect({ handler, since }).toEqual({ handler: hook, since: 1 });
  expect(runMs).toBeGreaterThanOrEqual(LIMITS.slowMinMs);
  expect(runMs).toBeGreaterThan(LIMITS.slowFactor * medianMs);
  expect(said('why', 'exec')).toContain(`${hook} took ${runMs} ms`);
  expect(said('status', 'exec')).toMatch(/^slow +2 calls took far longer than is usual there$/m);
  expect(said('metrics')).toContain(
    'hook_supervisor_pool_slow_calls_total{pool="exec",runtime="exec",level="contained"} 2\n',
  );
});
