/** Which files of a group hold which limits. */
import { expect, test } from 'vitest';
import {
  askedControllers,
  floor,
  leafLimits,
  noHugePages,
  totalLimits,
} from '../../../supervisor/cgroup/leaf-limits.js';
import { defaultConfig } from '../../../supervisor/config/defaults.js';

const MIB = 1024 * 1024;
const plain = defaultConfig(0).limits;
const all = {
  ...plain,
  cpuMax: '20000 100000',
  cpuBurstUs: 5000,
  cpuWeight: 50,
  memoryHighBytes: 64 * MIB,
  ioMax: '8:0 wbps=1048576',
  cpuset: '0-1',
  totalMemoryMaxBytes: 4096 * MIB,
  totalPidsMax: 2000,
};
const texts = (limits: readonly { file: string; text: string }[]) => limits.map(({ file, text }) => `${file}=${text}`);

test('a leaf has the limits that are set, and no file for what is not', () => {
  expect(texts(leafLimits(plain, ['memory', 'pids', 'cpu']))).toEqual([
    'memory.swap.max=0',
    `memory.max=${2048 * MIB}`,
    'memory.oom.group=1',
    'pids.max=512',
  ]);
});

test('a leaf with everything set: swap and the early warning before the limit itself', () => {
  expect(texts(leafLimits(all, ['memory', 'pids', 'cpu', 'io', 'cpuset']))).toEqual([
    'memory.swap.max=0',
    `memory.high=${64 * MIB}`,
    `memory.max=${2048 * MIB}`,
    'memory.oom.group=1',
    'pids.max=512',
    'cpu.max=20000 100000',
    'cpu.max.burst=5000',
    'cpu.weight=50',
    'io.max=8:0 wbps=1048576',
    'cpuset.cpus=0-1',
  ]);
});

test('files of a controller that is not there are not named', () => {
  const files = leafLimits(all, ['memory', 'pids']).map(({ file }) => file);
  expect(files.filter((file) => !/^(memory|pids)\./.test(file))).toEqual([]);
});

test('io and cpuset are asked for only where they are configured', () => {
  expect(askedControllers(plain)).toEqual(['cpu']);
  expect(askedControllers(all)).toEqual(['cpu', 'io', 'cpuset']);
});

test('all workers together are bounded only where that is configured', () => {
  expect(totalLimits(plain, ['memory', 'pids'])).toEqual([]);
  expect(texts(totalLimits(all, ['memory', 'pids']))).toEqual([`memory.max=${4096 * MIB}`, 'pids.max=2000']);
});

test('no huge page of any size, neither reserved nor used', () => {
  const sizes = ['2MB', '1GB'].flatMap((size) => [`hugetlb.${size}.max`, `hugetlb.${size}.rsvd.max`]);
  const others = ['hugetlb.2MB.current', 'hugetlb.2MB.rsvd.current', 'hugetlb.2MB.events', 'memory.max'];
  expect(texts(noHugePages([...others, ...sizes]))).toEqual(sizes.map((file) => `${file}=0`));
  expect(noHugePages(others)).toEqual([]);
});

test('the daemon is ahead of its workers on the CPU, and without that controller only in memory', () => {
  expect(texts(floor(['memory', 'cpu']))).toEqual(['cpu.weight=1000', `memory.low=${256 * MIB}`]);
  expect(texts(floor(['memory']))).toEqual([`memory.low=${256 * MIB}`]);
});
