import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostRoomReader } from '../../../supervisor/monitor/host-room.js';

const KIB = 1024;
const PRESSURE = 'avg60=9.00 avg300=9.00 total=1\n';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-room-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function files(name: string, texts: Record<string, string>): string {
  const at = join(folder, name);
  mkdirSync(join(at, 'pressure'), { recursive: true });
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(at, file), text);
  return at;
}

const MEMINFO = 'MemTotal:       1600 kB\nMemFree:         50 kB\nMemAvailable:    500 kB\n';

test('of the host what is available less a sixteenth of all; the pressure of the last 10 s', async () => {
  const proc = files('proc', {
    meminfo: MEMINFO,
    'pressure/memory': `full avg10=7.00 ${PRESSURE}some avg10=1.25 ${PRESSURE}`,
    'pressure/cpu': `some avg10=42.00 ${PRESSURE}`,
  });
  expect(await hostRoomReader([], proc)()).toEqual({
    spareMemoryBytes: 400 * KIB,
    memoryPressurePercent: 1.25,
    cpuPressurePercent: 42,
  });
});

test('of a group with a limit what is below it, files that nobody has looked at lately among it; the least of all counts', async () => {
  const proc = files('proc', { meminfo: MEMINFO });
  const unlimited = files('unlimited', { 'memory.max': 'max\n', 'memory.current': '1\n' });
  const limited = files('limited', {
    'memory.max': '16000\n',
    'memory.current': '14000\n',
    'memory.stat': 'anon 9000\ninactive_file 3000\nactive_file 2000\n',
  });
  const full = files('full', { 'memory.max': '16000\n', 'memory.current': '15500\n', 'memory.stat': '' });
  expect((await hostRoomReader([unlimited], proc)()).spareMemoryBytes).toBe(400 * KIB);
  expect((await hostRoomReader([unlimited, limited], proc)()).spareMemoryBytes).toBe(5000 - 1000);
  expect((await hostRoomReader([limited, full], proc)()).spareMemoryBytes).toBe(500 - 1000);
});

test('what is not there, or says something else, is unknown', async () => {
  const unknown = { spareMemoryBytes: null, memoryPressurePercent: null, cpuPressurePercent: null };
  expect(await hostRoomReader([join(folder, 'gone')], join(folder, 'nothing'))()).toEqual(unknown);
  const proc = files('proc', { meminfo: 'MemTotal: many\n', 'pressure/cpu': 'none\n' });
  const odd = files('odd', { 'memory.max': '16000\n' });
  expect(await hostRoomReader([odd], proc)()).toEqual(unknown);
});
