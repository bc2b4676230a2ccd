/** Node hooks: the same answer directly and supervised, cold and warm, by argument vector and by shell. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { source } from '../lib/source.js';
import type { HookCase } from './case.js';
import { nodeHooks } from './cases/node.js';
import { conforms, FORMS, seenWithinMs } from './conformance.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeAll(() => {
  stage = new Stage();
});
afterAll(async () => {
  expect(await stage?.stop(), 'left behind').toEqual([]);
});

for (const hook of nodeHooks) {
  it.for([...(hook.forms ?? FORMS)])(`${hook.name} (%s)`, async (form) => conforms(stage, hook, form, 'node'));
}

it('a script edited between two calls', async () => {
  for (const text of ['one', 'two', 'three']) {
    await stage.parked('node');
    const hook: HookCase = {
      name: 'edited',
      command: [process.execPath, 'hook.js'],
      files: { 'hook.js': `console.log('${text}')\n` },
      shows: {},
    };
    const { answer } = await stage.supervised(hook, 'run');
    expect(answer).toMatchObject({ exitCode: 0, stdout: `${text}\n` });
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
