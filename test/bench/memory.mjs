// What parked processes cost: proportional set size, in which a page shared by n processes counts 1/n for each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { median } from './statistics.mjs';

const SEPARATE = 4;
const IMPORT_AND_WAIT = 'import json, pathlib, re, subprocess, sys; print(flush=True); sys.stdin.read()';

/** Kilobytes; undefined if the process hides them: parked processes are not dumpable, so only root may look. */
function pssKb(pid) {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]);
  } catch {
    return undefined;
  }
}

/** [{ what, count, megabytes }] in medians; undefined where it cannot be read. */
export async function memoryRows(status, python, env) {
  const of = (what, pids) => {
    const known = pids.map(pssKb).filter((kb) => kb !== undefined);
    return { what, count: pids.length, megabytes: known.length > 0 ? median(known) / 1024 : undefined };
  };
  const rows = [
    of('daemon (Node)', [status.pid]),
    of(
      'keeper',
      status.keepers.map(({ pid }) => pid),
    ),
  ];
  for (const pool of status.pools) {
    const pids = (kind) => pool.workers.filter((worker) => worker.kind === kind).map(({ pid }) => pid);
    if (pids('zygote').length > 0) rows.push(of(`${pool.runtime} zygote`, pids('zygote')));
    rows.push(of(`${pool.runtime} parked process`, pids('parked')));
  }
  rows.push(await whileSeparate(python, env, (pids) => of('separate python3', pids)));
  return rows;
}

/** The same imports in processes that share nothing but files. */
async function whileSeparate(python, env, measure) {
  const start = () => spawn(python, ['-c', IMPORT_AND_WAIT], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const children = Array.from({ length: SEPARATE }, start);
  const ended = children.map((child) => once(child, 'close'));
  await Promise.all(children.map((child) => once(child.stdout, 'data')));
  const result = measure(children.map(({ pid }) => pid));
  for (const child of children) child.stdin.end();
  await Promise.all(ended);
  return result;
}
