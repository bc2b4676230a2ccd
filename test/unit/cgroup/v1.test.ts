/** Driver v1: where its groups may lie, and which files hold which limits. */
import { describe, expect, test } from 'vitest';
import type { CgroupFacts } from '../../../supervisor/cgroup/base.js';
import { findV1Base } from '../../../supervisor/cgroup/base-v1.js';
import { notInV1, v1LeafLimits, v1TotalLimits } from '../../../supervisor/cgroup/leaf-limits-v1.js';
import { defaultConfig } from '../../../supervisor/config/defaults.js';

const MOUNTS = [
  '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw',
  '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
  '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
  '39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids',
  '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
];
const SELF = '4:pids:/\n3:memory:/\n2:cpu,cpuacct:/\n0::/\n';

function facts(change: Partial<CgroupFacts> = {}): CgroupFacts {
  return {
    selfCgroup: SELF,
    mountInfo: MOUNTS.join('\n'),
    uid: 0,
    hasSystemd: false,
    explicitPath: null,
    look: () => ({ writable: true, ownerUid: 0, isRoot: true }),
    ...change,
  };
}

const reasonOf = (change: Partial<CgroupFacts>, isAsked = false) => {
  const base = findV1Base(facts(change), isAsked);
  return base.ok ? 'none' : base.reason;
};

describe('where groups of v1 may lie', () => {
  test('root of a host that nobody manages: one folder for each controller, co-mounted ones share', () => {
    const root = '/sys/fs/cgroup';
    expect(findV1Base(facts(), false)).toEqual({
      ok: true,
      v2: { name: 'v2', folder: `${root}/unified`, mount: `${root}/unified` },
      controllers: [
        { name: 'memory', folder: `${root}/memory`, mount: `${root}/memory` },
        { name: 'pids', folder: `${root}/pids`, mount: `${root}/pids` },
        { name: 'cpu', folder: `${root}/cpu,cpuacct`, mount: `${root}/cpu,cpuacct` },
        { name: 'cpuacct', folder: `${root}/cpu,cpuacct`, mount: `${root}/cpu,cpuacct` },
      ],
    });
  });

  test('an ordinary user has none, asked for or not', () => {
    expect(reasonOf({ uid: 1000 })).toContain('root only');
    expect(reasonOf({ uid: 1000 }, true)).toContain('root only');
  });

  test('on a systemd host only where it is asked for', () => {
    expect(reasonOf({ hasSystemd: true })).toContain('belong to systemd');
    expect(reasonOf({ hasSystemd: true }, true)).toBe('none');
  });

  test('in a group that somebody has put us into only where it is asked for, and below that group', () => {
    const selfCgroup = SELF.replace('memory:/', 'memory:/jobs/7');
    expect(reasonOf({ selfCgroup })).toContain('/sys/fs/cgroup/memory/jobs/7, belongs to who');
    expect(findV1Base(facts({ selfCgroup }), true)).toMatchObject({
      controllers: expect.arrayContaining([expect.objectContaining({ folder: '/sys/fs/cgroup/memory/jobs/7' })]),
    });
  });

  test('a container whose mount shows its own group as the root', () => {
    const selfCgroup = SELF.replace('memory:/', 'memory:/docker/ab');
    const mountInfo = MOUNTS.join('\n').replace('0:32 / ', '0:32 /docker/ab ');
    expect(reasonOf({ selfCgroup, mountInfo })).toBe('none');
  });

  test('no v2 tree, no memory, nothing to be written: each is said', () => {
    expect(reasonOf({ mountInfo: MOUNTS.slice(0, 4).join('\n') })).toContain('no v2 tree');
    expect(reasonOf({ mountInfo: MOUNTS.filter((line) => !line.includes('memory')).join('\n') })).toContain('memory');
    const look = (folder: string) => ({ writable: !folder.includes('pids'), ownerUid: 0, isRoot: true });
    expect(reasonOf({ look })).toContain('pids');
  });
});

describe('limits of v1', () => {
  const plain = defaultConfig(0).limits;
  const texts = (limits: { file: string; text: string }[]) => limits.map(({ file, text }) => `${file}=${text}`);

  test('memory before memory and swap together, the period before the quota', () => {
    const limits = {
      ...plain,
      memoryMaxBytes: 1000,
      swapMaxBytes: 24,
      cpuMax: '20000 50000',
      cpuBurstUs: 7,
      cpuWeight: 50,
    };
    expect(texts(v1LeafLimits(limits, () => true))).toEqual([
      'memory.limit_in_bytes=1000',
      'memory.memsw.limit_in_bytes=1024',
      'memory.kmem.tcp.limit_in_bytes=1000',
      'pids.max=512',
      'cpu.cfs_period_us=50000',
      'cpu.cfs_quota_us=20000',
      'cpu.cfs_burst_us=7',
      'cpu.shares=512',
    ]);
  });

  test('a kernel without accounts of swap and TCP gets no limit of them', () => {
    expect(v1LeafLimits(plain, () => false).map(({ file }) => file)).toEqual(['memory.limit_in_bytes', 'pids.max']);
  });

  test('all workers together', () => {
    expect(v1TotalLimits(plain, () => true)).toEqual([]);
    const both = { ...plain, totalMemoryMaxBytes: 9, totalPidsMax: 8 };
    expect(texts(v1TotalLimits(both, () => false))).toEqual(['memory.limit_in_bytes=9', 'pids.max=8']);
    expect(texts(v1TotalLimits(both, () => true))).toContain('memory.kmem.tcp.limit_in_bytes=9');
  });

  test('what v1 does not have is named', () => {
    expect(notInV1(plain)).toEqual([]);
    const limits = { ...plain, memoryHighBytes: 1, ioMax: '8:0 wbps=1', cpuset: '0' };
    expect(notInV1(limits)).toEqual(['memory.high', 'io.max', 'cpuset.cpus']);
  });
});
