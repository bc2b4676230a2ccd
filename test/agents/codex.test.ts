import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeAgent } from './agent-suite.js';
import { itDoesWhatItIsTold } from './answered.js';
import { RAN_FILE, TOOL } from './cases.js';
import { codex, codexAsUsual } from './clients/codex.js';
import { hooksOfCodex, trust } from './codex-trust.js';
import type { AgentWorld } from './world.js';

describeAgent(
  codex,
  (file) => [file],
  (worldOf) => {
    itTrustsWhatItWasTold(worldOf);
    itDoesWhatItIsTold(codex, worldOf);
  },
);

function itTrustsWhatItWasTold(worldOf: () => AgentWorld): void {
  it('trust: a wrapped hook is skipped without a word until it is trusted, and the old trust holds after uninstall', async () => {
    const world = worldOf();
    const codexHome = join(world.home.home, '.codex');
    const hooks = () =>
      hooksOfCodex(world.program[0] ?? '', { ...world.home.env, CODEX_HOME: codexHome }, world.project);
    const states = async () => (await hooks()).map(({ trustStatus }) => trustStatus);
    const isRefused = async () => {
      await world.begin([{ command: TOOL }], codexAsUsual).end;
      return world.written(RAN_FILE) === '';
    };
    world.wants({ beforeTool: [{ command: 'echo "not this" >&2; exit 2' }] });
    expect([await isRefused(), await states()]).toEqual([false, ['untrusted']]);
    const plain = await hooks();
    trust(codexHome, plain);
    expect([await isRefused(), await states()]).toEqual([true, ['trusted']]);
    world.install();
    expect([await isRefused(), await states()]).toEqual([false, ['modified']]);
    world.uninstall();
    expect([await isRefused(), await states()]).toEqual([true, ['trusted']]);
    world.install();
    world.renewFiles();
    trust(codexHome, await hooks());
    expect([await isRefused(), await states()]).toEqual([true, ['trusted']]);
    world.uninstall();
    expect([await isRefused(), await states()]).toEqual([false, ['modified']]);
  });
}
