/** cgroup v2: <base>/sup holds the daemon, <base>/w/<instance>/<pool>/ the groups that the keepers fill with leaves. Inner
 *  groups hold no process, so the base is emptied into `sup` first (the kernel refuses to distribute memory otherwise).
 *  Daemons with other runtime folders may share the base: each touches its own instance only. */
import { basename, join } from 'node:path';
import type { PoolLimits } from '../contract/config.js';
import type { Degraded } from '../contract/status.js';
import type { CgroupBase } from './base.js';
import type { CgroupDriver, Instance, LeafLimit } from './driver.js';
import { noneDriver } from './driver-none.js';
import {
  childGroups,
  counted,
  filesOf,
  killAndRemove,
  makeGroup,
  members,
  openGroup,
  readGroup,
  removeEmpty,
  writeGroup,
} from './files.js';
import { askedControllers, floor, leafLimits, noHugePages, totalLimits, WANTED_CONTROLLERS } from './leaf-limits.js';

const MOVE_TRIES = 50;
const REMOVE_BUDGET_MS = 1_000;
const SET_UP_TRIES = 3;

/** Sets the tree up. Where a step fails, everything is undone and driver `none` says which step and why. */
export async function v2Driver(
  base: Extract<CgroupBase, { ok: true }>,
  instance: Instance,
  limits: PoolLimits,
  sleep: (ms: number) => Promise<void>,
): Promise<CgroupDriver> {
  const supFolder = join(base.folder, 'sup');
  const sharedFolder = join(base.folder, 'w');
  const workersFolder = join(sharedFolder, instance.name);
  const available = (readGroup(base.folder, 'cgroup.controllers') ?? '').split(/\s+/);
  const missing = WANTED_CONTROLLERS.filter((name) => !available.includes(name));
  if (missing.length > 0) {
    return noneDriver(
      `controllers ${missing.join(', ')} are not available in ${base.folder}`,
      'delegate them: systemctl edit user@.service, then Delegate=cpu memory pids',
    );
  }
  const asked = askedControllers(limits);
  const controllers = [...WANTED_CONTROLLERS, ...asked.filter((name) => available.includes(name))];
  // For all workers together: their own groups need not have it.
  const sharedControllers = [...controllers, ...['hugetlb'].filter((name) => available.includes(name))];

  // Where `sup` is there already, it was one of us (killed since, or a neighbour) who enabled them.
  const enabledBefore = childGroups(base.folder).includes(supFolder) ? [] : enabledIn(base.folder);

  // What an earlier daemon left when it was killed has no owner any more.
  for (const group of childGroups(sharedFolder).filter((one) => instance.isLeftOver(basename(one)))) {
    await killAndRemove(group, REMOVE_BUDGET_MS, sleep);
  }
  let failure = '';
  for (let tries = 0; tries < SET_UP_TRIES; tries++) {
    failure = await setUp(); // fails where a neighbour on its way out takes the shared groups down under us
    if (failure === '') break;
  }
  if (failure !== '') {
    await close();
    return noneDriver(failure, 'run "supervisor doctor" for what this host allows');
  }
  const degraded: Degraded[] = asked
    .filter((name) => !controllers.includes(name))
    .map((name) => ({
      layer: `cgroup:${name}`,
      reason: `the ${name} controller is not available`,
      remedy: `delegate it with Delegate=${[...WANTED_CONTROLLERS, ...asked].join(' ')}`,
    }));
  const kept = base.needsLeafMove ? setAll(supFolder, floor(controllers)) : '';
  if (kept !== '')
    degraded.push({ layer: 'daemon:floor', reason: kept, remedy: 'none needed: it only helps when the host is short' });
  const total = setAll(workersFolder, [...totalLimits(limits, controllers), ...noHugePages(filesOf(workersFolder))]);
  if (total !== '')
    degraded.push({
      layer: 'cgroup:total',
      reason: total,
      remedy: 'run "supervisor doctor" for what this host allows',
    });

  async function setUp(): Promise<string> {
    if (base.needsLeafMove) {
      const code = makeGroup(supFolder) || (await moveAll(base.folder, supFolder));
      if (code !== '') return `moving processes of ${base.folder} into its leaf failed: ${code}`;
    }
    let code = await enable(base.folder, sharedControllers);
    if (code !== '') return `enabling ${sharedControllers.join(' ')} in ${base.folder} failed: ${code}`;
    code = makeGroup(sharedFolder) || (await enable(sharedFolder, sharedControllers));
    if (code === '') code = makeGroup(workersFolder) || (await enable(workersFolder, controllers));
    return code === '' ? '' : `preparing ${workersFolder} failed: ${code}`;
  }

  async function moveAll(from: string, to: string): Promise<string> {
    let code = '';
    for (let tries = 0; tries < MOVE_TRIES; tries++) {
      const pids = members(from);
      if (pids.length === 0) return '';
      for (const pid of pids) {
        const failed = writeGroup(to, 'cgroup.procs', String(pid));
        if (failed !== '' && failed !== 'ESRCH') code = failed;
      }
      if (code === 'EACCES' || code === 'EPERM') return code;
      await sleep(1);
    }
    return code || 'EBUSY';
  }

  async function enable(folder: string, names: readonly string[]): Promise<string> {
    let code = '';
    for (let tries = 0; tries < MOVE_TRIES; tries++) {
      code = writeGroup(folder, 'cgroup.subtree_control', names.map((name) => `+${name}`).join(' '));
      if (code !== 'EBUSY') return code;
      await sleep(1); // the kernel may still see a task that has just left
    }
    return code;
  }

  async function close(): Promise<void> {
    await killAndRemove(workersFolder, REMOVE_BUDGET_MS, sleep);
    if (removeEmpty(sharedFolder) !== '') return; // a neighbour lives in it
    if (!base.needsLeafMove) return;
    const enabled = enabledIn(base.folder).filter((name) => !enabledBefore.includes(name));
    if (enabled.length > 0)
      writeGroup(base.folder, 'cgroup.subtree_control', enabled.map((name) => `-${name}`).join(' '));
    await moveAll(supFolder, base.folder);
    await killAndRemoveEmpty(supFolder);
  }

  async function killAndRemoveEmpty(folder: string): Promise<void> {
    // Never kill here: the leaf holds the shell that started us.
    if (members(folder).length === 0) await killAndRemove(folder, REMOVE_BUDGET_MS, sleep);
  }

  return {
    name: 'v2',
    degraded,
    enforced: [...sharedControllers.map((name) => `cgroup:${name}`), 'cgroup:kill'],
    workersPath: sharedFolder.slice(base.mount.length) || '/',
    openPool(poolId, limits) {
      const folder = join(workersFolder, poolId);
      if (makeGroup(folder) !== '') return undefined;
      const code = writeGroup(folder, 'cgroup.subtree_control', controllers.map((name) => `+${name}`).join(' '));
      const fd = code === '' ? openGroup(folder) : undefined;
      return fd === undefined ? undefined : { fd, controllers: [], limits: leafLimits(limits, controllers) };
    },
    oomKills: (poolId) => counted(join(workersFolder, poolId), 'memory.events', 'oom_kill'),
    async removePool(poolId) {
      await killAndRemove(join(workersFolder, poolId), REMOVE_BUDGET_MS, sleep);
    },
    close,
  };
}

/** '' or which file could not be written, and why. */
function setAll(folder: string, limits: readonly LeafLimit[]): string {
  for (const { file, text } of limits) {
    const code = writeGroup(folder, file, text);
    if (code !== '') return `${file} of ${folder} cannot be set to ${text}: ${code}`;
  }
  return '';
}

function enabledIn(folder: string): string[] {
  return (readGroup(folder, 'cgroup.subtree_control') ?? '').trim().split(/\s+/).filter(Boolean);
}
