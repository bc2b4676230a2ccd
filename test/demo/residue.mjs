// Before and after: the demo adopts all that it starts, and compares the machine with what it was.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadNative } from '../../dist/native.js';
import { tracesOf } from './traces.mjs';
import { takeSnapshot } from './world.mjs';

const SETTLE_TIMEOUT_MS = 5_000;
const LOOK_EVERY_MS = 100;
const REAP_EVERY_MS = 1_000;

export class Residue {
  /** Call before anything is started. The supervisor puts its temporary files into a folder of its own: what appears there
   *  is nobody else's. */
  constructor(supervisor) {
    this.native = loadNative();
    const result = this.native.setSubreaper();
    if (result !== 0) throw new Error(`cannot adopt orphans (errno ${-result})`);
    this.temporaryFolder = join(supervisor.folder, 'tmp');
    mkdirSync(this.temporaryFolder);
    supervisor.env.TMPDIR = this.temporaryFolder;
    this.folders = [supervisor.runtimeFolder, this.temporaryFolder];
    this.own = { pid: process.pid, folder: supervisor.folder };
    this.before = takeSnapshot(this.folders);
  }

  /** What is here and was not before, by kind. */
  now() {
    return tracesOf(this.before, takeSnapshot(this.folders), this.own);
  }

  /** Until the end of this process. Thousands of dead orphans that nobody reaps make everything slow that reads /proc, the
   *  supervisor's keepers among it. @param awaited pids of children that are not ours to reap. */
  reapAlways(awaited) {
    const reap = () => {
      for (const pid of this.native.children()) if (!awaited.has(pid)) this.native.reap(pid);
    };
    setInterval(reap, REAP_EVERY_MS).unref();
  }

  /** As now(), after what came meanwhile has had time to show whose it is. Call while no child of ours runs. */
  async settled() {
    const giveUpAtMs = performance.now() + SETTLE_TIMEOUT_MS;
    for (;;) {
      // A detached daemon is an orphan; elsewhere it is init that reaps it.
      for (const pid of this.native.children()) this.native.reap(pid);
      const traces = this.now();
      if (traces.every(({ unclear }) => unclear.length === 0) || performance.now() > giveUpAtMs) return traces;
      await sleep(LOOK_EVERY_MS);
    }
  }
}

export function isClean(traces) {
  return traces.every(({ ours, unclear }) => ours.length + unclear.length === 0);
}

/** While the supervisor runs it must be seen, or a comparison afterwards says nothing. */
export function isSeen(traces, hasGroups) {
  return traces.every(({ kind, ours }) => ours.length > 0 || (kind === 'cgroup tree' && !hasGroups));
}

export function countsOf(traces) {
  return traces.map(({ kind, ours }) => `${kind} +${ours.length}`).join(', ');
}

/** One line for each kind, and one for each thing that is left. */
export function linesOf(traces) {
  return traces.flatMap(({ kind, ours, unclear, theirs, all }) => {
    const left = [...ours, ...unclear.map((text) => `${text} (not shown to be somebody else's)`)];
    const verdict = left.length === 0 ? 'the same' : `${left.length} LEFT BEHIND`;
    const others = theirs === 0 ? '' : `; new, of others: ${theirs}`;
    return [`  ${kind.padEnd(15)} ${verdict} (${all} in all${others})`, ...left.map((text) => `    ${text}`)];
  });
}
