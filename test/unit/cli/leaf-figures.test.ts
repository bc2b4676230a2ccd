import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leafFigures } from '../../../supervisor/cli/leaf-figures.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-leaf-'));
  mkdirSync(join(folder, 'w/slot-0'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const mountInfo = (root = '/') => `30 23 0:26 ${root} ${folder} rw,nosuid shared:4 - cgroup2 cgroup2 rw\n`;

function leafWith(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'w/slot-0', name), text);
}

test('the counters of a leaf, with their units; what a kernel does not have is null', () => {
  leafWith({
    'memory.current': '4096\n',
    'memory.max': '2147483648\n',
    'pids.current': '3\n',
    'cpu.stat': 'usage_usec 1500\nuser_usec 1000\nthrottled_usec 250\n',
    'memory.events': 'low 0\noom 1\noom_kill 2\n',
  });
  expect(leafFigures('/w/slot-0', mountInfo())).toEqual({
    memoryBytes: 4096,
    memoryPeakBytes: null,
    memoryMax: '2147483648',
    pids: 3,
    pidsMax: null,
    cpuMs: 1.5,
    throttledMs: 0.25,
    oomKills: 2,
  });
});

test('a mount that shows a part of the tree', () => {
  leafWith({ 'memory.current': '8192' });
  expect(leafFigures('/user.slice/w/slot-0', mountInfo('/user.slice'))?.memoryBytes).toBe(8192);
});

test('no v2 tree, or a leaf without memory counters: nothing', () => {
  expect(leafFigures('/w/slot-0', '30 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n')).toBeUndefined();
  expect(leafFigures('/w/slot-0', mountInfo())).toBeUndefined();
});
