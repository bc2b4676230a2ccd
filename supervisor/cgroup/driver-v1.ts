/** cgroup v1 for root on hybrid hosts: <own group>/hook-supervisor/<instance>/<pool>/ in the v2 tree, where processes are
 *  held and killed, and in the hierarchy of each controller, where they are limited. Nothing is made, moved or set
 *  outside. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PoolLimits } from '../contract/config.js';
import type { Degraded } from '../contract/status.js';
import type { V1Base } from './base-v1.js';
import type { CgroupDriver, Instance, LeafLimit, PoolGroup } from './driver.js';
import { noneDriver } from './driver-none.js';
import { childGroups, counted, killAndRemove, makeGroup, openGroup, removeEmpty, writeGroup } from './files.js';
import { notInV1, v1LeafLimits, v1TotalLimits } from './leaf-limits-v1.js';

const REMOVE_BUDGET_MS = 1_000;
const SHARED = 'hook-supervisor';

export async function v1Driver(
  base: Extract<V1Base, { ok: true }>,
  instance: Instance,
  limits: PoolLimits,
  sleep: (ms: number) => Promise<void>,
): Promise<CgroupDriver> {
  // The v2 tree first: what is killed there is gone from the others, whose groups are then empty.
  const trees = [base.v2, ...base.controllers];
  const shared = (folder: string) => join(folder, SHARED);
  const own = (folder: string) => join(shared(folder), instance.name);

  for (const { folder } of trees) {
    // What an earlier daemon left when it was killed.
    for (const group of childGroups(shared(folder)).filter((one) => instance.isLeftOver(basename(one)))) {
      await killAndRemove(group, REMOVE_BUDGET_MS, sleep);
    }
  }
  const failure = setUp();
  if (failure !== '') {
    await close();
    return noneDriver(failure, 'run "supervisor doctor" for what this host allows');
  }

  function setUp(): string {
    for (const { folder, name } of trees) {
      const isNew = !existsSync(shared(folder));
      const code = makeGroup(shared(folder));
      // Before Linux 5.11 a group does not count its children unless it is told so while it has none.
      if (name === 'memory' && isNew) writeGroup(shared(folder), 'memory.use_hierarchy', '1');
      const second = code || makeGroup(own(folder));
      if (second !== '') return `making ${own(folder)} failed: ${second}`;
    }
    const groups = base.controllers.map(({ name, folder }) => ({ name, group: own(folder) }));
    return set(v1TotalLimits(limits, hasIn(groups)));
  }

  function set(files: readonly LeafLimit[]): string {
    for (const { file, text } of files) {
      const tree = base.controllers.find(({ name }) => file.startsWith(`${name}.`));
      const code = tree === undefined ? 'ENOENT' : writeGroup(own(tree.folder), file, text);
      if (code !== '') return `setting ${file} to ${text} failed: ${code}`;
    }
    return '';
  }

  async function removeAll(poolId: string): Promise<void> {
    for (const { folder } of trees) await killAndRemove(join(own(folder), poolId), REMOVE_BUDGET_MS, sleep);
  }

  async function close(): Promise<void> {
    await removeAll('');
    for (const { folder } of trees) removeEmpty(shared(folder)); // busy: a neighbour lives in it
  }

  function openPool(poolId: string, limits: PoolLimits): PoolGroup | undefined {
    const opened = trees.map(({ folder, name }) => {
      const group = join(own(folder), poolId);
      return { name, fd: makeGroup(group) === '' ? openGroup(group) : undefined, group };
    });
    const all = opened.flatMap(({ name, fd }) => (fd === undefined ? [] : [{ name, fd }]));
    const [v2, ...controllers] = all;
    if (v2 === undefined || all.length < trees.length) return undefined;
    return { fd: v2.fd, controllers, limits: v1LeafLimits(limits, hasIn(opened)) };
  }

  /** Each group counts its own only. */
  function oomKills(poolId: string): number {
    const memory = base.controllers.find(({ name }) => name === 'memory');
    if (memory === undefined) return 0;
    const folder = join(own(memory.folder), poolId);
    const groups = [folder, ...childGroups(folder)];
    return groups.reduce((sum, group) => sum + counted(group, 'memory.oom_control', 'oom_kill'), 0);
  }

  const degraded: Degraded[] = [
    {
      layer: 'cgroup:v1',
      reason:
        'a task out of memory loses one process, the rest is ended up to 50 ms later; no share is kept for the daemon',
      remedy: 'boot with cgroup v2 only: systemd.unified_cgroup_hierarchy=1 on the kernel command line',
    },
    ...notInV1(limits).map((file) => ({
      layer: `limit ${file}`,
      reason: 'not offered with cgroup v1',
      remedy: 'boot with cgroup v2 only, or remove it from the configuration',
    })),
  ];
  return {
    name: 'v1',
    degraded,
    enforced: [
      ...base.controllers.filter(({ name }) => name !== 'cpuacct').map(({ name }) => `cgroup:${name}`),
      'cgroup:kill',
    ],
    workersPath: shared(base.v2.folder).slice(base.v2.mount.length),
    openPool,
    oomKills,
    removePool: removeAll,
    close,
  };
}

/** Whether the kernel has a file, in the group of its controller. */
function hasIn(groups: readonly { name: string; group: string }[]): (file: string) => boolean {
  return (file) => groups.some(({ name, group }) => file.startsWith(`${name}.`) && existsSync(join(group, file)));
}
