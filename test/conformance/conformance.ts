/** The tests of one case: each form directly, then supervised cold, then warm. */
import { expect } from 'vitest';
import type { Runtime } from '../../supervisor/contract/call.js';
import { type Answer, expectedPath, type Form, type HookCase } from './case.js';
import { parkedPids, poolIds, type Stage } from './stage.js';

export const FORMS: readonly Form[] = ['run', 'sh'];

/** A variable that is part of an interpreter pool's key and means nothing to anybody: each value is a pool never seen
 *  before, whose first call is cold. */
export function freshPoolVariable(hook: HookCase, form: Form): string {
  return `LC_CONFORMANCE_CASE=${form} ${hook.name}`;
}

export async function conforms(stage: Stage, hook: HookCase, form: Form, runtime: Runtime): Promise<void> {
  stage.nextWorkspace();
  const env = runtime === 'exec' ? [] : [freshPoolVariable(hook, form)];
  const direct = await stage.direct(hook, form, env);
  expectShown(direct, hook);

  const before = await stage.parked('exec');
  const cold = await stage.cold(hook, form, env);
  expect(cold.answer, 'the cold run').toEqual(direct);

  const path = expectedPath(hook, form, runtime);
  const poolsBefore = path === 'worker' ? poolIds(before) : undefined;
  const workerRuntime = path === 'worker' ? runtime : 'exec';
  const status = await stage.parked(workerRuntime, poolsBefore, cold.explanation);
  const warm = await stage.supervised(hook, form, env);
  expect(warm.answer, 'the warm run').toEqual(direct);
  expect(warm.explanation, warm.explanation.why).toMatchObject({ path, runtime: workerRuntime });
  expect(parkedPids(status, workerRuntime, poolsBefore), 'parked before the call').toContain(warm.explanation.pid);
}

export function expectShown(direct: Answer, hook: HookCase): void {
  const { diesOf, ...shows } = hook.shows;
  expect(direct, 'the direct run').toMatchObject({ timedOut: false, ...shows });
  if (diesOf !== undefined) expect([direct.signal, (direct.exitCode ?? 0) - 128]).toContain(diesOf);
}

const TRIES = 3; // a loaded machine may be late once

/** Runs a hook that writes the time (CLOCK_BOOTTIME, ns) to the file `written` just before its first line and goes on for
 *  300 ms after it. How late the line was seen, the best of a few tries. */
export async function seenWithinMs(stage: Stage, hook: HookCase): Promise<number> {
  const delays: number[] = [];
  for (let tried = 0; tried < TRIES; tried++) {
    const { answer, result } = await stage.supervisedRun(hook, 'run');
    expect(answer).toMatchObject({ exitCode: 0, stdout: '{"async":true}\nthe end\n' });
    const writtenAtNs = Number(/\d+$/.exec(answer.files.written ?? '')?.[0]);
    const firstStdoutAtNs = result.firstStdoutAtNs ?? Number.NaN;
    delays.push((firstStdoutAtNs - writtenAtNs) / 1e6);
    expect(result.exitedAtNs, 'seen before the end').toBeGreaterThan(firstStdoutAtNs + 150e6);
  }
  return Math.min(...delays);
}
