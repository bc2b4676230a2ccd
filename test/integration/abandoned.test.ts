/** Whoever has asked is killed and can cancel nothing: what becomes of the hook. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../supervisor/contract/outcome.js';
import { HOOK_CLIENT, TestDaemon } from '../lib/daemon.js';
import { counted, starts } from '../lib/hook.js';
import { identify, isAlive } from '../lib/processes.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

const ASKING = join(import.meta.dirname, '..', 'fixtures', 'asking.py');
/** The client waits five seconds before it hangs up. */
const LONGER_MS = 6_500;
const TREE = 'sleep 60 & echo $! >> "$1"; (setsid sleep 60 & echo $! >> "$1"); wait';
const TREE_SIZE = 3;
/** Deaf to what a closed output does. */
const GATED = 'trap "" PIPE; while [ ! -e "$1.gate" ]; do sleep 0.05; done; echo through; touch "$1.done"';

let daemon: TestDaemon;
const all: ChildProcess[] = [];
beforeAll(() => {
  daemon = TestDaemon.start();
});
afterAll(async () => {
  for (const asking of all) asking.kill('SIGKILL');
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

/** One that asks, and the hook of `counted` that it has asked for. */
async function asks(behaviour: string, rest: string, size: number) {
  const file = join(mkdtempSync(join(daemon.home.root, 'asked-')), 'pids');
  const explainFile = `${file}.explain`;
  const client = [HOOK_CLIENT, 'run', '--explain', explainFile, '--', ...counted(file, rest)];
  const args = ['-I', ASKING, behaviour, ...client];
  const asking = spawn(findPython().executable, args, { env: daemon.home.env, stdio: ['ignore', 'pipe', 'inherit'] });
  all.push(asking);
  let said = '';
  asking.stdout.on('data', (data) => {
    said += data;
  });
  const pids = await waitFor('the hook', () => (starts(file).length === size ? starts(file) : undefined));
  return {
    tree: pids.flatMap((pid) => identify(pid) ?? []),
    kill: () => asking.kill('SIGKILL'),
    open: () => writeFileSync(`${file}.gate`, ''),
    isDone: () => (existsSync(`${file}.done`) ? true : undefined),
    said: () => said,
    explained: () =>
      waitFor('its account', () => {
        const line = existsSync(explainFile) ? readFileSync(explainFile, 'utf8') : '';
        return line === '' ? undefined : (JSON.parse(line) as Explanation);
      }),
  };
}

describe.concurrent('whoever has asked, killed while the hook runs', () => {
  it('with the reader of the answer: the hook and all that it has started are ended', async () => {
    const asked = await asks('holds', TREE, TREE_SIZE);
    expect(asked.tree).toHaveLength(TREE_SIZE);
    asked.kill();
    await waitFor('all to be gone', () => (asked.tree.some(isAlive) ? undefined : true));
    expect(await asked.explained()).toMatchObject({ outcome: 'cancelled' });
  });

  it('a hook that is nearly done ends by itself', async () => {
    const asked = await asks('holds', GATED, 1);
    asked.kill();
    await sleep(1_000);
    asked.open();
    await waitFor('its last step', asked.isDone);
    expect(await asked.explained()).toMatchObject({ outcome: 'answered' });
  });

  it.each([
    ['somebody else reads the answer', 'lends', 'through\n'],
    ['the hook was told to outlive a hang-up', 'nohup', ''],
  ])('%s: it goes on', async (_name, behaviour, said) => {
    const asked = await asks(behaviour, GATED, 1);
    asked.kill();
    await sleep(LONGER_MS);
    asked.open();
    await waitFor('its last step', asked.isDone);
    expect(await asked.explained()).toMatchObject({ outcome: 'answered' });
    expect(asked.said()).toBe(said);
  });

  it('not killed, but has given up the answer alone: the hook goes on', async () => {
    const asked = await asks('drops', GATED, 1);
    await sleep(LONGER_MS);
    asked.open();
    await waitFor('its last step', asked.isDone);
    expect(await asked.explained()).toMatchObject({ outcome: 'answered' });
  });
});
