import { expect, test } from 'vitest';
import { progressBar } from '../../../../supervisor/cli/progress.js';
import { renderReplay } from '../../../../supervisor/cli/render/replay.js';
import { reportOf } from '../../../../supervisor/cli/replay/report.js';
import type { Result } from '../../../../supervisor/cli/replay/send.js';
import { recordedCall, streamOf } from '../../../lib/recorded-call.js';

const same = (number: number, then: number, now: number): Result => ({
  ...{ number, call: recordedCall({ ms: then }), kind: 'same', differences: [], ms: now, path: 'worker' },
});
const results: Result[] = [
  ...Array.from({ length: 99 }, (_, index) => same(index + 1, 4, index === 0 ? 50 : 2)),
  {
    ...{
      number: 100,
      kind: 'differs',
      ms: 3,
      path: 'exec',
      call: recordedCall({ stdin: streamOf('', { masked: 1 }) }),
    },
    differences: [{ what: 'stdout', recorded: 'line 1: a', now: 'line 1: \x1b[31mb' }],
  },
  { number: 102, kind: 'failed', why: 'timedOut: too long', call: recordedCall() },
];
const report = reportOf(
  { file: 'f', against: 'supervised', calls: 103, isInterrupted: false },
  ['its folder is not there', 'its folder is not there'],
  results,
);
const page = { width: 60, isColoured: false };

test('counts, times of those that answered, and what differs', () => {
  expect(report).toMatchObject({ calls: 103, sent: 101, same: 99, byPath: { worker: 99, exec: 1 } });
  expect(report.left).toEqual({ 'its folder is not there': 2 });
  expect([report.recorded, report.now]).toEqual([
    { p50Ms: 4, p99Ms: 4 },
    { p50Ms: 2, p99Ms: 50 },
  ]);
  expect(report.different.map(({ call, isInputMasked, failed }) => [call, isInputMasked, failed])).toEqual([
    [100, true, ''],
    [102, false, 'timedOut: too long'],
  ]);
});

test('for people: it fits, and what a hook says does not steer the terminal', () => {
  const text = renderReplay(report, page);
  expect(text).toBe(`sent     101 of 103 calls, through the supervisor (worker
         99, exec 1)
same     99
differ   2
left     2: its folder is not there

TIME        P50    P99
recorded  4.0ms  4.0ms
now       2.0ms   50ms

differs  call 100: sh -c x
  stdout recorded: line 1: a
  stdout now: line 1: b
  secrets were masked in its input, which may be why

differs  call 102: sh -c x
  no answer: timedOut: too long
`);
});

test('many that differ: the first twenty, and how many more', () => {
  const all = Array.from({ length: 25 }, () => report.different[1]).flatMap((one) => one ?? []);
  const text = renderReplay({ ...report, different: all }, page);
  expect(text.split('no answer')).toHaveLength(21);
  expect(text).toContain('and 5 more');
});

test('an interrupted one says so', () => {
  expect(renderReplay({ ...report, isInterrupted: true }, page)).toContain('interrupted: the rest was not sent');
});

test('the bar is drawn in one line, ten times a second at most, always at the end, and taken away', () => {
  let nowMs = 0;
  let drawn: string[] = [];
  const bar = progressBar(
    4,
    (text) => void drawn.push(text),
    () => nowMs,
  );
  bar.show(1, '');
  bar.show(2, '');
  nowMs = 100;
  bar.show(3, '1 differ');
  bar.show(4, '');
  bar.clear();
  expect(drawn).toEqual([
    '\r\x1b[K[#####---------------] 1/4  ',
    '\r\x1b[K[###############-----] 3/4  1 differ',
    '\r\x1b[K[####################] 4/4  ',
    '\r\x1b[K',
  ]);
  drawn = [];
  const none = progressBar(4, undefined);
  none.show(4, '');
  none.clear();
  expect(drawn).toEqual([]);
});
