/** Scripts started by their #! line, and env: the same answer directly and supervised, cold and warm. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeScripts, pythonScripts } from './cases/scripts.js';
import { conforms, FORMS } from './conformance.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeAll(() => {
  stage = new Stage();
  stage.makePythonFolders();
});
afterAll(async () => {
  expect(await stage?.stop(), 'left behind').toEqual([]);
});

for (const [runtime, hooks] of [['python', pythonScripts] as const, ['node', nodeScripts] as const]) {
  for (const hook of hooks) {
    it.for([...(hook.forms ?? FORMS)])(`${hook.name} (%s)`, async (form) => conforms(stage, hook, form, runtime));
  }
}
