import { expect, test } from 'vitest';
import { renderMetrics } from '../../../supervisor/cli/render/metrics.js';
import { STATUS } from '../../lib/running-status.js';

const text = renderMetrics(STATUS);

test('each metric is told once with its type, and each line is one of the format', () => {
  const names = [...text.matchAll(/^# TYPE (\S+) (?:counter|gauge)$/gm)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(10);
  const sample = /^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [\d.]+$/;
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('# ') && !sample.test(line))).toEqual([]);
  expect(text.endsWith('\n')).toBe(true);
});

test('figures are those of status', () => {
  expect(text).toContain('hook_supervisor_calls_total 7\n');
  expect(text).toContain('hook_supervisor_calls_by_outcome_total{name="timedOut"} 1\n');
  expect(text).toContain('hook_supervisor_pool_parked{pool="exec",runtime="exec",level="contained"} 4\n');
});

test('two pools of one name, as after a reload: one series with the figures of both', () => {
  const [exec] = STATUS.pools;
  if (exec === undefined) throw new Error('no pool');
  const both = renderMetrics({ ...STATUS, pools: [exec, { ...exec, isDrained: true, parked: 0, busy: 2 }] });
  const series = both.split('\n').filter((line) => line.includes('pool="exec"'));
  expect(series.map((line) => line.split(' ').at(-1))).toEqual(['1', '4', '3', '0', '0', '0']);
});

test('a drained pool does not serve; a label with a quote is escaped', () => {
  const pools = STATUS.pools.map((pool) => ({ ...pool, isDrained: true }));
  const drained = renderMetrics({ ...STATUS, version: '1"\\', pools });
  expect(drained).toContain('hook_supervisor_pool_ready{pool="exec",runtime="exec",level="contained"} 0\n');
  expect(drained).toContain('{version="1\\"\\\\"} 1\n');
});
