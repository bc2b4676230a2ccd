/** kill -9 of a keeper while a hook runs whose handler is declared `idempotent`: run once more, and not a third time. The hook
 *  counts its starts and waits at a gate. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestDaemon, TestHome } from '../lib/daemon.js';
import { Hook, starts } from '../lib/hook.js';
import { identify } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';
import { FEW_PARKED, wholePool } from './pool.js';

let daemon: TestDaemon;
let hook: string;
let plain: string;
let file: string;

beforeEach(() => {
  const home = new TestHome();
  file = join(home.root, 'starts');
  [hook, plain] = ['again', 'once'].map((name) => join(home.root, name)) as [string, string];
  for (const script of [hook, plain]) {
    writeFileSync(
      script,
      `#!/bin/sh\necho $$ >> ${file}\nread line\nuntil [ -e ${home.root}/go ]; do sleep 0.02; done\necho "$line"\n`,
    );
    chmodSync(script, 0o755);
  }
  const config = join(home.env.XDG_CONFIG_HOME, 'hook-supervisor/config.json');
  mkdirSync(dirname(config), { recursive: true });
  writeFileSync(config, JSON.stringify({ handlers: [{ match: hook, level: 'contained', idempotent: true }] }), {
    mode: 0o600,
  });
  daemon = TestDaemon.startIn(home, FEW_PARKED);
});

afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

/** Kills the keeper of the run that is the last so far, once that has begun. */
async function killRun(run: number): Promise<void> {
  const pid = await waitFor(`run ${run}`, () => starts(file)[run - 1]);
  const [keeper] = (await daemon.status()).keepers;
  process.kill(keeper?.pid ?? 0, 'SIGKILL');
  await waitFor(`the end of run ${run}`, () => (identify(pid) === undefined ? true : undefined));
}

const kinds = () =>
  daemon.home
    .supervisor(['events', '--json'])
    .stdout.split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind === 'retried' || kind === 'poisoned');

test('killed once: it runs twice and answers once, with all of its input', async () => {
  await wholePool(daemon, 'exec');
  const call = new Hook(daemon.home, [hook], { stdin: 'the input\n' });
  await killRun(1);
  await waitFor('the second run', () => starts(file)[1]);
  writeFileSync(join(daemon.home.root, 'go'), '');
  expect(await call.end).toMatchObject({
    code: 0,
    stdout: 'the input\n',
    stderr: '',
    explained: { outcome: 'answered' },
  });
  expect(starts(file)).toHaveLength(2);
  expect(kinds()).toEqual([
    expect.objectContaining({ kind: 'retried', pool: 'exec', about: expect.stringContaining(hook) }),
  ]);
});

test('killed twice: crashed, not run again, and named as the cause', async () => {
  await wholePool(daemon, 'exec');
  const call = new Hook(daemon.home, [hook], { stdin: 'the input\n' });
  await killRun(1);
  await killRun(2);
  expect(await call.end).toMatchObject({ code: 1, stdout: '', explained: { outcome: 'crashed' } });
  await wholePool(daemon, 'exec');
  expect(starts(file)).toHaveLength(2);
  expect(kinds().map(({ kind }) => kind)).toEqual(['retried', 'poisoned']);
  expect(kinds().at(-1)?.about).toContain(hook);
});

test('a hook of which nobody has said so is crashed by the first kill', async () => {
  await wholePool(daemon, 'exec');
  const call = new Hook(daemon.home, [plain], { stdin: 'the input\n' });
  await killRun(1);
  expect(await call.end).toMatchObject({ code: 1, stdout: '', explained: { outcome: 'crashed' } });
  await wholePool(daemon, 'exec');
  expect(starts(file)).toHaveLength(1);
  expect(kinds()).toEqual([]);
});
