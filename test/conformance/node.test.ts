/** Node hooks: the same answer directly and supervised, cold and warm, by argument vector and by shell. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { source } from '../lib/source.js';
import { waitFor } from '../lib/wait.js';
import type { HookCase } from './case.js';
import { nodeHooks } from './cases/node.js';
import { nodeApis } from './cases/node-apis.js';
import { nodeEnd } from './cases/node-end.js';
import { nodeIo } from './cases/node-io.js';
import { nodeModules } from './cases/node-modules.js';
import { nodeStart } from './cases/node-start.js';
import { conforms, FORMS, seenWithinMs } from './conformance.js';
import { Stage } from './stage.js';

const LONG_BYTES = 250 * 1024; // more than a pipe holds, less than the launcher gives a digest of

let stage: Stage;
beforeAll(() => {
  stage = new Stage();
});
afterAll(async () => {
  expect(await stage?.stop(), 'left behind').toEqual([]);
});

const GROUPS = { hooks: nodeHooks, start: nodeStart, modules: nodeModules, io: nodeIo, end: nodeEnd, apis: nodeApis };

for (const [group, hooks] of Object.entries(GROUPS)) {
  describe(group, () => {
    for (const hook of hooks) {
      it.for([...(hook.forms ?? FORMS)])(`${hook.name} (%s)`, async (form) => conforms(stage, hook, form, 'node'));
    }
  });
}

function printing(text: string): HookCase {
  const files = { 'hook.js': `console.log('${text}')\n` };
  const env = ['LC_CONFORMANCE_CASE=edits']; // a pool of their own
  return { name: 'printing', command: [process.execPath, 'hook.js'], files, env, shows: {} };
}

/** Calls until one is warm. */
async function warmUpPrinting(): Promise<void> {
  await waitFor('a warm answer', async () => {
    const { explanation } = await stage.supervised(printing('first'), 'run');
    return explanation.path === 'worker' || undefined;
  });
}

/** A call for which no process is parked would be executed. */
async function untilRefilled(): Promise<void> {
  await waitFor('a parked process in each node pool', async () => {
    const { pools } = await stage.daemon.status();
    return pools.every((pool) => pool.runtime !== 'node' || pool.state !== 'ready' || pool.parked > 0) || undefined;
  });
}

it('scripts edited between two calls, one right after the other', async () => {
  await warmUpPrinting();
  for (let edit = 100; edit < 120; edit++) {
    await untilRefilled();
    const { answer, explanation } = await stage.supervised(printing(`edit ${edit}`), 'run'); // all of one length
    expect(answer).toMatchObject({ exitCode: 0, stdout: `edit ${edit}\n` });
    expect(explanation.path).toBe('worker');
  }
});

it('a script deleted between two calls', async () => {
  await warmUpPrinting();
  const deleted: HookCase = { ...printing('there'), files: {} };
  const direct = await stage.direct(deleted, 'run');
  expect(direct.stderr).toContain('Cannot find module');
  for (const hook of [printing('there'), deleted, printing('back'), deleted]) {
    await untilRefilled();
    const { answer, explanation } = await stage.supervised(hook, 'run');
    expect(answer).toEqual(hook === deleted ? direct : expect.objectContaining({ exitCode: 0, stderr: '' }));
    expect(explanation.path).toBe('worker');
  }
});

/** How much gets out is a matter of how fast it is read: at least what a pipe holds, as in a direct run. */
it('output that is not written yet is lost by process.exit', async () => {
  const files = { 'hook.js': `process.stdout.write('x'.repeat(${LONG_BYTES})); process.exit(2);\n` };
  const hook: HookCase = { name: 'lost', command: [process.execPath, 'hook.js'], files, shows: {} };
  await stage.parked('node');
  for (const answer of [await stage.direct(hook, 'run'), (await stage.supervised(hook, 'run')).answer]) {
    expect(answer).toMatchObject({ exitCode: 2, signal: null, stderr: '' });
    expect(answer.stdout).toMatch(/^x{65536,}$/);
  }
});

it('exit statuses are passed on', async () => {
  for (const status of [0, 1, 2, 3, 42, 126, 127, 128, 130, 137, 255]) {
    const files = { 'hook.js': `process.exitCode = ${status};\n` };
    const hook: HookCase = { name: 'exit', command: [process.execPath, 'hook.js'], files, shows: {} };
    await stage.parked('node');
    const { answer } = await stage.supervised(hook, 'run');
    expect(answer).toMatchObject({ exitCode: status, signal: null, stdout: '', stderr: '' });
  }
});

it('a first line is seen within 100 ms while the hook runs on', async () => {
  const hook: HookCase = {
    name: 'async',
    command: [process.execPath, 'hook.js'],
    files: {
      'hook.js': source`
        const boottimeNs = BigInt(Math.round(Number(require('fs').readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e9));
        require('fs').writeFileSync('written', String(boottimeNs));
        console.log('{"async":true}');
        setTimeout(() => console.log('the end'), 300);
      `,
    },
    shows: {},
  };
  await stage.parked('node');
  expect(await seenWithinMs(stage, hook)).toBeLessThan(100);
});
