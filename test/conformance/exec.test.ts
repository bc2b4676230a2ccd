/** Shell text, scripts and other programs: the same answer directly and supervised, by argument vector and by shell. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HookCase } from './case.js';
import { execIo } from './cases/exec-io.js';
import { execShell } from './cases/exec-shell.js';
import { realShellHooks } from './cases/real-hooks.js';
import { conforms, FORMS, seenWithinMs } from './conformance.js';
import { Stage } from './stage.js';

const STOPPING_SIGNALS = [19, 20, 21, 22];
const C_LIBRARY_SIGNALS = [32, 33];

let stage: Stage;
beforeAll(() => {
  stage = new Stage();
});
afterAll(async () => {
  expect(await stage?.stop(), 'left behind').toEqual([]);
});

for (const [group, hooks] of Object.entries({ shell: execShell, io: execIo, realShellHooks })) {
  describe(group, () => {
    for (const hook of hooks) {
      it.for([...(hook.forms ?? FORMS)])(`${hook.name} (%s)`, async (form) => conforms(stage, hook, form, 'exec'));
    }
  });
}

it('every exit code is passed on', async () => {
  for (let code = 0; code < 256; code++) {
    const hook: HookCase = { name: 'exit', command: { shell: `exit ${code}` }, shows: {} };
    const { answer } = await stage.supervised(hook, code % 2 === 0 ? 'run' : 'sh');
    expect(answer).toMatchObject({ exitCode: code, signal: null, stdout: '', stderr: '' });
  }
});

it('every signal is passed on', async () => {
  const signals = Array.from({ length: 64 }, (_, index) => index + 1);
  for (const signal of signals.filter((one) => ![...STOPPING_SIGNALS, ...C_LIBRARY_SIGNALS].includes(one))) {
    const hook: HookCase = { name: 'signal', command: { shell: `kill -${signal} $$; exit 5` }, shows: {} };
    const direct = await stage.direct(hook, 'run');
    const { answer } = await stage.supervised(hook, signal % 2 === 0 ? 'run' : 'sh');
    expect(answer, `signal ${signal}`).toEqual(direct);
  }
});

it('a first line is seen within 100 ms while the hook runs on', async () => {
  const script = `read -r up _ < /proc/uptime; printf %s "\${up%.*}\${up#*.}0000000" > written`;
  const hook: HookCase = {
    name: 'async',
    command: { shell: `bash -c '${script}'; echo '{"async":true}'; sleep 0.3; echo the end` },
    shows: {},
  };
  expect(await seenWithinMs(stage, hook)).toBeLessThan(100);
});
