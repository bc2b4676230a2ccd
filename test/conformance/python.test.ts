/** Python hooks: the same answer directly and supervised, cold and warm, by argument vector and by shell. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { source } from '../lib/source.js';
import type { HookCase } from './case.js';
import { pythonEnd } from './cases/python-end.js';
import { pythonErrors } from './cases/python-errors.js';
import { pythonInterpreter } from './cases/python-interpreter.js';
import { pythonIo } from './cases/python-io.js';
import { pythonProcesses } from './cases/python-processes.js';
import { pythonStart } from './cases/python-start.js';
import { realHooks } from './cases/real-hooks.js';
import { conforms, FORMS, seenWithinMs } from './conformance.js';
import { Stage } from './stage.js';

const GROUPS = {
  start: pythonStart,
  interpreter: pythonInterpreter,
  errors: pythonErrors,
  end: pythonEnd,
  io: pythonIo,
  processes: pythonProcesses,
  'real hooks': realHooks,
};
const EXEC_CASES_MAX = 8;

let stage: Stage;
beforeAll(() => {
  stage = new Stage();
  stage.makePythonFolders();
});
afterAll(async () => {
  expect(await stage?.stop(), 'left behind').toEqual([]);
});

for (const [group, hooks] of Object.entries(GROUPS)) {
  describe(group, () => {
    for (const hook of hooks) {
      it.for([...(hook.forms ?? FORMS)])(`${hook.name} (%s)`, async (form) => conforms(stage, hook, form, 'python'));
    }
  });
}

it('few cases cannot have a warm interpreter', () => {
  const all: HookCase[] = Object.values(GROUPS).flat();
  expect(all.filter((hook) => hook.exec !== undefined).length).toBeLessThanOrEqual(EXEC_CASES_MAX);
  expect(all.length).toBeGreaterThanOrEqual(40);
});

it('exit statuses are passed on', async () => {
  for (const status of [0, 1, 2, 3, 42, 126, 127, 128, 130, 137, 143, 254, 255]) {
    const hook: HookCase = { name: 'exit', command: ['python3', '-c', `raise SystemExit(${status})`], shows: {} };
    await stage.parked('python');
    const { answer } = await stage.supervised(hook, 'run');
    expect(answer).toMatchObject({ exitCode: status, signal: null, stdout: '', stderr: '' });
  }
});

it('a first line is seen within 100 ms while the hook runs on', async () => {
  const hook: HookCase = {
    name: 'async',
    command: ['python3', 'hook.py'],
    files: {
      'hook.py': source`
        import time
        open('written', 'w').write(str(time.clock_gettime_ns(time.CLOCK_BOOTTIME)))
        print('{"async":true}', flush=True)
        time.sleep(0.3)
        print('the end')
      `,
    },
    shows: {},
  };
  await stage.parked('python');
  expect(await seenWithinMs(stage, hook)).toBeLessThan(100);
});
