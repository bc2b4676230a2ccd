import { expect, test } from 'vitest';
import { renderMetrics } from '../../../supervisor/cli/render/metrics.js';
import { STATUS, VALIDATOR } from '../../lib/running-status.js';

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

test('events, and what each validator was asked', () => {
  const [asked, fromCache, denied, failed] = [9, 4, 2, 1];
  const validators = [{ ...VALIDATOR, asked, fromCache, denied, failed }];
  const told = renderMetrics({ ...STATUS, validators });
  expect(told).toContain('hook_supervisor_events_total 9\n');
  expect(told).toContain('hook_supervisor_events_by_decision_total{name="deny"} 2\n');
  expect(told).toContain('hook_supervisor_events_by_outcome_total{name="cancelled"} 1\n');
  for (const [name, count] of Object.entries({ asked, kept: fromCache, denied, failed }))
    expect(told).toContain(`hook_supervisor_validator_${name}_total{validator="guard"} ${count}\n`);
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
