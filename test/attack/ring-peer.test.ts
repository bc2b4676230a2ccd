/** What a hostile program at the other end of a ring can do to the daemon: be ended and replaced, at the cost of its own call. */
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../supervisor/contract/limits.js';
import type { TestDaemon } from '../lib/daemon.js';
import { Hook, type HookEnd, runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';
import { cpuMs, HostileCopy } from './ring-peer/stage.js';

const ATTACK_TIMEOUT_MS = 90_000;
const PYTHON = findPython().executable;
const NEIGHBOURS = 4;
const NEIGHBOUR_REST_MS = 30;
/** No agent waits that long for a hook without noticing; far more than a busy machine needs. */
const NEIGHBOUR_MAX_MS = 3_000;
const REST_MS = 1_000;
/** More starts that fail than a pool may have put it into quarantine, before they are too many records. */
const RECOVERY_MAX_MS = 20_000 + LIMITS.quarantineFirstMs;

let copy: HostileCopy;
let daemon: TestDaemon | undefined;
beforeAll(() => {
  copy = new HostileCopy();
});
afterEach(async () => {
  expect(await daemon?.stop(), 'left behind').toEqual([]);
  daemon = undefined;
});
afterAll(() => copy.remove());

/** Answers of another pool for as long as `until` takes: all right, none late. */
async function neighboursAnswer(running: TestDaemon, until: Promise<unknown>): Promise<void> {
  let isOver = false;
  const done = until.finally(() => {
    isOver = true;
  });
  let answers = 0;
  const loop = async (index: number) => {
    for (let turn = 0; !isOver || turn < 5; turn++) {
      const nonce = `${index}-${turn}`;
      const end = await runHook(running.home, ['/bin/sh', '-c', 'echo "$1"; cat; exit 7', 'sh', nonce], {
        stdin: 'in',
      });
      expect(end).toMatchObject({ code: 7, stdout: `${nonce}\nin`, stderr: '', explained: { path: 'exec' } });
      expect(end.explained?.milliseconds).toBeLessThan(NEIGHBOUR_MAX_MS);
      answers++;
      await sleep(NEIGHBOUR_REST_MS);
    }
  };
  await Promise.all([done, ...Array.from({ length: NEIGHBOURS }, (_, index) => loop(index))]);
  expect(answers).toBeGreaterThanOrEqual(NEIGHBOURS * 5);
}

async function pythonPool(running: TestDaemon) {
  return (await running.status()).pools.find(({ runtime }) => runtime === 'python');
}

/** One call meets the attack while neighbours are answered; the daemon is the same before and after, and comes to rest. */
async function attacked(
  attack: string,
  restarts: 0 | 1,
  meanwhile = (_hook: Hook) => {},
): Promise<{ end: HookEnd; running: TestDaemon }> {
  const running = copy.start(attack);
  daemon = running;
  const script = join(running.home.root, 'hook.py');
  writeFileSync(script, 'print("honest")\n');
  const { pid } = await running.status();
  // The first call of an interpreter does not wait for its pool.
  expect(await runHook(running.home, [PYTHON, script])).toMatchObject({ code: 0, explained: { path: 'exec' } });
  await waitFor('the hostile pool', async () => (await pythonPool(running))?.state === 'ready' || undefined);
  const before = { cpu: cpuMs(pid), at: performance.now() };
  const hook = new Hook(running.home, [PYTHON, script]);
  const call = hook.end;
  meanwhile(hook);
  const recovered = call.then(() =>
    waitFor(
      'the pool to be taken out and back',
      async () => {
        const pool = await pythonPool(running);
        return (pool?.restarts === restarts && pool.state === 'ready') || undefined;
      },
      RECOVERY_MAX_MS,
    ),
  );
  await neighboursAnswer(running, recovered);
  const tookMs = performance.now() - before.at;
  expect(cpuMs(pid) - before.cpu, `CPU time of the daemon in ${tookMs} ms`).toBeLessThan(1_500 + tookMs / 2);

  const atRest = cpuMs(pid);
  await sleep(REST_MS);
  expect(cpuMs(pid) - atRest, 'CPU time of the daemon at rest').toBeLessThan(REST_MS / 4);
  expect((await running.status()).pid).toBe(pid);
  return { end: await call, running };
}

const ENDED = [
  'random bytes',
  'tail rewound',
  'tail a ring ahead',
  'head beyond what was written',
  'length beyond what was published',
  'length beyond the memory',
  'head changed while it is read',
  'holes in the memory',
  'END too short',
  'NOT_STARTED too short',
  'STDIN_CREDIT too short',
  'PARKED too short',
  'GONE too short',
  'LINGERING too short',
  'ZYGOTE too short',
  'LEARNED too short',
  'FAILURE too short',
  'START sent to the daemon',
  'credit for input never sent',
  'output without credit',
  'empty output',
  'NOT_STARTED after output',
  'a process in a slot that is not there',
  'doorbell flood',
  'flood of records',
  'flood of failures',
  'doorbell closed',
  'death',
];
/** Output that was passed on before the keeper gave itself away. */
const HALF: Record<string, RegExp> = {
  'output without credit': /^\0+$/,
  'NOT_STARTED after output': /^half an answer\n$/,
};

async function expectHonestWorker(running: TestDaemon): Promise<void> {
  const again = await runHook(running.home, [PYTHON, join(running.home.root, 'hook.py')]);
  expect(again).toMatchObject({ code: 0, stdout: 'honest\n', explained: { path: 'worker', outcome: 'answered' } });
}

describe('the keeper is replaced, its call crashed, others are answered', () => {
  it.each(ENDED)('%s', { timeout: ATTACK_TIMEOUT_MS }, async (attack) => {
    const { end, running } = await attacked(attack, 1);
    expect(end).toMatchObject({ code: 1, signal: null, explained: { path: 'worker', outcome: 'crashed' } });
    expect(end.stdout).toMatch(HALF[attack] ?? /^$/);
    expect(end.stderr).toMatch(/^hook-supervisor: .*\n$/);
    await expectHonestWorker(running);
  });

  it('reading stopped, noticed by what the call’s cancellation leaves unread', {
    timeout: ATTACK_TIMEOUT_MS,
  }, async () => {
    const { end, running } = await attacked('reading stopped', 1, (hook) => setTimeout(() => hook.process.kill(), 500));
    expect(end).toMatchObject({ code: 1, stdout: '', explained: { outcome: 'crashed' } });
    await expectHonestWorker(running);
  });
});

it('nothing ever read: the call was not begun and goes to another', { timeout: ATTACK_TIMEOUT_MS }, async () => {
  const { end, running } = await attacked('nothing ever read', 1);
  expect(end).toMatchObject({ code: 0, stdout: 'honest\n', stderr: '', explained: { outcome: 'answered' } });
  await expectHonestWorker(running);
});

it('memory resized: the seals refuse it, and it may not be sealed against our writing', async () => {
  const { end } = await attacked('memory resized', 0);
  const { EPERM } = constants.errno;
  expect(end.stdout).toBe(`shrink: ${EPERM}, grow: ${EPERM}, seal: ${EPERM}\n`);
  expect(end).toMatchObject({ code: 0, explained: { path: 'worker', outcome: 'answered' } });
});
