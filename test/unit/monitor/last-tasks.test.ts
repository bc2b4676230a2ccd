import { expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { LastTasks } from '../../../supervisor/monitor/last-tasks.js';

function ended(pid: number) {
  return {
    ...({ handler: '/h', path: 'worker', runtime: 'exec', level: 'contained', outcome: 'answered' } as const),
    ...{ exitCode: 0, signal: null, totalMs: 1, runMs: 1, cpuMs: 1, memoryPeakBytes: null },
    ...{ pid, isSwitched: false, detail: '', denialsTold: 0 },
  };
}

test('the newest of each pool, oldest first, with the time of their end', () => {
  const tasks = new LastTasks(() => 1000.4);
  for (let pid = 0; pid <= LIMITS.lastTasksKeptMax; pid++) tasks.add('exec', ended(pid), 100);
  tasks.add('node', ended(7));
  expect(tasks.of('exec').map(({ pid }) => pid)).toEqual(
    Array.from({ length: LIMITS.lastTasksKeptMax }, (_, i) => i + 1),
  );
  expect([tasks.of('exec')[0]?.endedAtMs, tasks.of('node')[0]?.endedAtMs]).toEqual([900, 1000]);
  expect(tasks.of('python')).toEqual([]);
});

test('of more pools than there can be, the oldest is forgotten', () => {
  const tasks = new LastTasks(() => 0);
  for (let pool = 0; pool <= LIMITS.poolsMax; pool++) tasks.add(`p${pool}`, ended(pool));
  expect([tasks.of('p0').length, tasks.of('p1').length]).toEqual([0, 1]);
});
