/** One cell: the machine at a step, the fault, everything let go, and what must be true then. */
import { expect } from 'vitest';
import type { HookEnd } from '../../lib/hook.js';
import { waitFor } from '../../lib/wait.js';
import { FAULTS, type Fault, type FaultName } from './faults.js';
import { type Expected, JUDGES } from './judges.js';
import { look, signal } from './parties.js';
import type { Scene } from './scene.js';
import { type Reached, STEPS, type Step, type StepName } from './steps.js';

const SETTLED_LOOKS = 3;

export async function playCell(scene: Scene, stepName: StepName, faultName: FaultName, expected: Expected) {
  const step: Step = STEPS[stepName];
  const fault: Fault = FAULTS[faultName];
  scene.clientOptions = fault.clientOptions ?? [];
  const reached = await step.reach(scene);
  const end = await struck(scene, reached, fault);
  const { call, others = [] } = reached;
  for (const other of others) await other.end;
  JUDGES[expected](end, call);
  if (['answered', 'direct', 'byEither', 'brokenPipe'].includes(expected))
    expect(call.starts, 'started once').toHaveLength(1);
  else expect(call.starts.length, 'started twice').toBeLessThanOrEqual(1);
  if (fault.endsDaemon) await scene.startAgain();
  await scene.untilWhole(call.folder);
}

async function struck(scene: Scene, reached: Reached, fault: Fault): Promise<HookEnd> {
  const { call } = reached;
  const heal = await fault.strike(scene, reached);
  release(reached);
  if (heal === undefined) return call.end;
  if (fault.outlastsCall) await call.end;
  else await settled(scene, reached);
  await heal();
  return call.end;
}

function release({ call, held, others = [] }: Reached): void {
  for (const pid of held) signal(pid, 'SIGCONT');
  for (const one of [call, ...others]) one.openGate();
  if (!call.hook.process.stdout.destroyed) call.hook.read();
}

/** Whoever can still run has nothing to do, twice in a row: what the fault holds up is held up now. */
async function settled(scene: Scene, { call, hookPid }: Reached): Promise<void> {
  const parties = [scene.daemonPid, scene.keeperPid, call.pid, ...(hookPid === undefined ? [] : [hookPid])];
  let looksInRow = 0;
  await waitFor('everybody to wait', () => {
    looksInRow = parties.every((pid) => look(pid).state !== 'R') ? looksInRow + 1 : 0;
    return looksInRow >= SETTLED_LOOKS ? true : undefined;
  });
}
