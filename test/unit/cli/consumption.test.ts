import { expect, test } from 'vitest';
import { consumptionCheck, type ReadUsage } from '../../../supervisor/cli/doctor/consumption.js';

const MIB = 1024 * 1024;
const status = { pid: 10, keepers: [11, 12].map((pid) => ({ pid, pool: 'exec' })) };
const read =
  (usage: Awaited<ReturnType<ReadUsage>>): ReadUsage =>
  async (pids) => {
    expect(pids).toEqual([10, 11, 12]);
    return usage;
  };
const keeper = { memory: 2 * MIB, cpu: 0 };

test('daemon and keepers, one of which has just ended', async () => {
  const usage = { 10: { memory: 90.4 * MIB, cpu: 0.26 }, 11: keeper, 12: null };
  expect(await consumptionCheck(status, read(usage))).toEqual({
    name: 'consumption',
    verdict: 'OK',
    what: 'daemon 90 MB and 0.3 % of a processor since its start; 2 keepers 2 MB',
    remedy: '',
  });
});

test('a daemon that has grown far beyond what it needs', async () => {
  const usage = { 10: { memory: 600 * MIB, cpu: 1 }, 11: keeper, 12: keeper };
  expect(await consumptionCheck(status, read(usage))).toMatchObject({
    verdict: 'WARN',
    what: expect.stringContaining('600 MB'),
    remedy: expect.stringContaining('supervisor down'),
  });
});

test('a daemon that has ended, and a process table that cannot be read', async () => {
  expect(await consumptionCheck(status, read({ 10: null, 11: null, 12: null }))).toMatchObject({ verdict: 'WARN' });
  const fails: ReadUsage = () => Promise.reject(new Error('EACCES'));
  expect(await consumptionCheck(status, fails)).toMatchObject({ verdict: 'WARN', what: 'cannot be read: EACCES' });
});

test('a real process', async () => {
  const check = await consumptionCheck({ pid: process.pid, keepers: [] });
  expect(check.what).toMatch(/^daemon [1-9]\d* MB and \d+\.\d % of a processor since its start; 0 keepers 0 MB$/);
});
