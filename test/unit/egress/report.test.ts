/** What a proxy tells the daemon, and what the daemon takes of it. */
import { beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { parseReport, Reporter } from '../../../supervisor/egress/report.js';
import { FakeClock } from '../../lib/fake-clock.js';

let clock: FakeClock;
let lines: string[];
let reporter: Reporter;

beforeEach(() => {
  lines = [];
  clock = new FakeClock();
  reporter = new Reporter(clock, (line) => void lines.push(line));
});

const pass = (ms: number) => clock.pass(ms);

test('the first is told at once, the next after the period, with all that came in between', () => {
  reporter.refused('a.example:443', 'no');
  pass(0);
  reporter.passed();
  reporter.refused('b.example:443', 'no');
  pass(LIMITS.egressTellEveryMs - 1);
  expect(lines).toHaveLength(1);
  pass(1);
  expect(lines.map(parseReport)).toEqual([
    { passed: 0, refused: 1, refusals: [{ target: 'a.example:443', why: 'no' }] },
    { passed: 1, refused: 2, refusals: [{ target: 'b.example:443', why: 'no' }] },
  ]);
});

test('a flood is a number: few refusals in words and one line', () => {
  for (let count = 0; count < 10_000; count++) reporter.refused(`${'a'.repeat(253)}:443`, 'no'.repeat(40));
  pass(LIMITS.egressTellEveryMs);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.length).toBeLessThan(LIMITS.egressReportMaxBytes);
  const report = parseReport(lines[0] ?? '');
  expect(report?.refused).toBe(10_000);
  expect(report?.refusals).toHaveLength(LIMITS.egressRefusalsToldMax);
});

test.each([
  ...['', 'x', 'null', '[]', '1', '{}', '{"passed":1,"refused":1}', '{"passed":-1,"refused":0,"refusals":[]}'],
  ...['{"passed":1.5,"refused":0,"refusals":[]}', '{"passed":"1","refused":0,"refusals":[]}'],
  ...['{"passed":1e300,"refused":0,"refusals":[]}', '{"passed":1,"refused":0,"refusals":{}}'],
  `{"passed":1,"refused":0,"refusals":[${Array(LIMITS.egressRefusalsToldMax + 1).fill('{}')}]}`,
])('%s is not believed', (line) => {
  expect(parseReport(line)).toBeUndefined();
});

test('texts are cut and plain whatever they were', () => {
  const hostile = [{ target: `\u001b[31m${'x'.repeat(999)}`, why: 'a\nb' }, null, { target: { toString: 1 }, why: 7 }];
  const report = parseReport(JSON.stringify({ passed: 0, refused: 3, refusals: hostile }));
  expect(report?.refusals.map(({ target, why }) => [target.length, target.slice(0, 5), why])).toEqual([
    [300, '?[31m', 'a?b'],
    [0, '', ''],
    [0, '', ''],
  ]);
});
