// What parked processes cost: proportional set size, in which a page shared by n processes counts 1/n for each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { median } from './statistics.mjs';

const SEPARATE = 4;
/** What one parked process of a runtime may cost. Their number, and their sum, is what the configuration bounds. */
const PARKED_MAX_MEGABYTES = { exec: 0.1, python: 4, node: 10 };
const IMPORT_AND_WAIT = 'import json, pathlib, re, subprocess, sys; print(flush=True); sys.stdin.read()';

/** Kilobytes; undefined if the process hides them: parked processes are not dumpable, so only root may look. */
function pssKb(pid) {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]);
  } catch {
    return undefined;
  }
}

/** [{ what, count, megabytes, goal }] in medians, or the sum where `isSum`; undefined where it cannot be read, or where there
 *  is no goal. */
export async function memoryRows(status, python, env) {
  const of = (what, pids, maxMegabytes) => {
    const known = pids.map(pssKb).filter((kb) => kb !== undefined);
    if (known.length === 0) return { what, count: pids.length };
    const megabytes = median(known) / 1024;
    const goal = maxMegabytes && { maxMegabytes, met: megabytes <= maxMegabytes };
    return { what, count: pids.length, megabytes, goal };
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
    rows.push(of(`${pool.runtime} parked process`, pids('parked'), PARKED_MAX_MEGABYTES[pool.runtime]));
  }
  rows.push(togetherRow(status));
  rows.push(await whileSeparate(python, env, (pids) => of('separate python3', pids)));
  return rows;
}

/** All parked interpreters, against the memory set aside for them. */
function togetherRow({ pools, parkedMemory }) {
  const workers = pools.filter(({ runtime }) => runtime !== 'exec').flatMap((pool) => pool.workers);
  const sizes = workers
    .filter(({ kind, state }) => kind === 'parked' && state === 'parked')
    .map(({ pid }) => pssKb(pid));
  const row = { what: 'parked together', count: sizes.length, isSum: true };
  if (sizes.includes(undefined)) return row;
  const megabytes = sizes.reduce((sum, kb) => sum + kb, 0) / 1024;
  const maxMegabytes = parkedMemory.maxBytes / 1024 ** 2;
  return { ...row, megabytes, goal: { maxMegabytes, met: megabytes <= maxMegabytes } };
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
