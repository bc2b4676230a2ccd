/** What stands between a process and a group of its own, step by step, each tried for real in a group that is removed again.
 *  The first step that is refused is told with its errno. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type StepName = 'own group' | 'make a group' | 'controllers' | 'enter the group' | 'prove it' | 'kill it';
export type RefusedStep = { step: StepName; errno: string };

const NEEDED = ['memory', 'pids'];
const REMOVE_TRIES = 200;

/** @param folder of our own group. @returns undefined where every step went through. */
export function refusedStep(folder: string): RefusedStep | undefined {
  const probe = join(folder, `probe-${process.pid}`);
  let child: ChildProcess | undefined;
  const steps: [step: StepName, act: () => void][] = [
    ['own group', () => statSync(folder)],
    ['make a group', () => mkdirSync(probe)],
    ['controllers', () => expectControllers(folder)],
    [
      'enter the group',
      () => {
        child = spawn('sleep', ['10'], { stdio: 'ignore' });
        writeFileSync(join(probe, 'cgroup.procs'), String(child.pid));
      },
    ],
    ['prove it', () => expectInside(child?.pid, probe)],
    ['kill it', () => writeFileSync(join(probe, 'cgroup.kill'), '1')],
  ];
  try {
    for (const [step, act] of steps) {
      const errno = errnoOf(act);
      if (errno !== '') return { step, errno };
    }
    return undefined;
  } finally {
    child?.kill('SIGKILL');
    remove(probe);
  }
}

function expectControllers(folder: string): void {
  const there = readFileSync(join(folder, 'cgroup.controllers'), 'latin1').trim().split(' ');
  if (!NEEDED.every((name) => there.includes(name)))
    throw Object.assign(new Error('not delegated'), { code: 'ENOENT' });
}

/** A container whose mount shows the host's tree takes the write, and puts the process elsewhere. */
function expectInside(pid: number | undefined, probe: string): void {
  const listed = readFileSync(join(probe, 'cgroup.procs'), 'latin1').split('\n');
  if (!listed.includes(String(pid))) throw Object.assign(new Error('elsewhere'), { code: 'EXDEV' });
}

/** The kernel sees the killed for a moment yet. */
function remove(probe: string): void {
  for (let tries = 0; tries < REMOVE_TRIES; tries++) {
    const errno = errnoOf(() => rmdirSync(probe));
    if (errno !== 'EBUSY') return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

function errnoOf(act: () => void): string {
  try {
    act();
    return '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }
}
