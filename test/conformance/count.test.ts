/** How many cases there are: fewer than these would be fewer promises kept. */
import { expect, it } from 'vitest';
import type { HookCase } from './case.js';
import { execIo } from './cases/exec-io.js';
import { execShell } from './cases/exec-shell.js';
import { nodeHooks } from './cases/node.js';
import { nodeApis } from './cases/node-apis.js';
import { nodeEnd } from './cases/node-end.js';
import { nodeIo } from './cases/node-io.js';
import { nodeModules } from './cases/node-modules.js';
import { nodeStart } from './cases/node-start.js';
import { pythonEnd } from './cases/python-end.js';
import { pythonErrors } from './cases/python-errors.js';
import { pythonInterpreter } from './cases/python-interpreter.js';
import { pythonIo } from './cases/python-io.js';
import { pythonProcesses } from './cases/python-processes.js';
import { pythonStart } from './cases/python-start.js';
import { realHooks, realShellHooks } from './cases/real-hooks.js';

const CASES: Record<string, { hooks: HookCase[]; casesMin: number; notWarmMax: number }> = {
  exec: { hooks: [...execShell, ...execIo, ...realShellHooks], casesMin: 45, notWarmMax: 0 },
  node: {
    hooks: [...nodeHooks, ...nodeStart, ...nodeModules, ...nodeIo, ...nodeEnd, ...nodeApis],
    casesMin: 120,
    notWarmMax: 7,
  },
  python: {
    hooks: [
      ...[...pythonStart, ...pythonInterpreter, ...pythonErrors, ...pythonEnd, ...pythonIo, ...pythonProcesses],
      ...realHooks,
    ],
    casesMin: 100,
    notWarmMax: 8,
  },
};

for (const [runtime, { hooks, casesMin, notWarmMax }] of Object.entries(CASES)) {
  it(`${runtime}: ${hooks.length} cases of different names, at least ${casesMin}, at most ${notWarmMax} not warm`, () => {
    expect(hooks.length).toBeGreaterThanOrEqual(casesMin);
    expect(new Set(hooks.map(({ name }) => name)).size).toBe(hooks.length);
    expect(hooks.filter((hook) => hook.exec !== undefined).length).toBeLessThanOrEqual(notWarmMax);
  });
}
