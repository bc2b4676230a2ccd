import { expect, test } from 'vitest';
import { renderHistory } from '../../../supervisor/cli/render/history.js';
import { momentOf } from '../../../supervisor/cli/words.js';
import type { SaidRecord } from '../../../supervisor/contract/records.js';
import { eventRecord } from '../../lib/event-record.js';
import { callRecord } from '../store/rows.js';

const NOW_MS = Date.UTC(2026, 10, 27, 12);

test.each([
  ['90s', 90_000],
  ['30m', 30 * 60_000],
  ['2h', 2 * 3_600_000],
  ['7d', 7 * 86_400_000],
])('--since %s is so long ago', (text, agoMs) => {
  expect(momentOf(text, NOW_MS)).toBe(NOW_MS - agoMs);
});

test.each([
  ['2026-11-27', Date.UTC(2026, 10, 27)],
  ['2026-11-27T10:00Z', Date.UTC(2026, 10, 27, 10)],
  ['2026-11-27T10:00:30+02:00', Date.UTC(2026, 10, 27, 8, 0, 30)],
])('--since %s is that moment', (text, atMs) => {
  expect(momentOf(text, NOW_MS)).toBe(atMs);
});

test.each(['', 'yesterday', '5', '5 m', '-1h', '2026-13-01', '1e3s', '12345678s'])(
  '--since "%s" is no time',
  (text) => {
    expect(momentOf(text, NOW_MS)).toBeUndefined();
  },
);

const endedAtMs = new Date(2026, 10, 27, 9, 5, 7).getTime();
const calls = [
  callRecord({ endedAtMs }),
  callRecord({
    ...{ endedAtMs, handler: '', path: null, runtime: null, level: null, outcome: 'refused', exitCode: null },
    ...{ totalMs: 0.2, runMs: null, cpuMs: null, memoryPeakBytes: null, pid: null, detail: 'no landlock' },
  }),
  callRecord({ endedAtMs, exitCode: null, signal: 9, totalMs: 1234.56, denialsTold: 2 }),
];

test('a wide page: every column, local time', () => {
  expect(renderHistory(calls, { width: Number.POSITIVE_INFINITY, isColoured: false })).toBe(
    `ENDED                OUTCOME       EXIT      MS  CPU  MEMORY  PATH    LEVEL      DENIED   PID  HANDLER      DETAIL
2026-11-27 09:05:07  answered         0     1.5  0.8    8.6M  worker  contained       -  4711  /p/guard.py  \n` +
      `2026-11-27 09:05:07  refused          -     0.2    -       -  -       -               -     -  ?            no landlock
2026-11-27 09:05:07  answered  signal 9  1234.6  0.8    8.6M  worker  contained       2  4711  /p/guard.py  \n`,
  );
});

test('a narrow page: when, how and which hook are left, and no line is too long', () => {
  const lines = renderHistory(calls, { width: 60, isColoured: false }).trimEnd().split('\n');
  expect(lines[0]).toBe('ENDED                OUTCOME       EXIT      MS  HANDLER');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
});

test('events: their decision, and who has said what', () => {
  const validators: SaidRecord[] = [
    { name: 'secrets', said: 'deny' },
    { name: 'lint', said: 'timedOut' },
  ];
  const events = [
    { ...eventRecord({ decision: 'deny', validators, times: 3 }), endedAtMs },
    { ...eventRecord({ validators: [] }), endedAtMs },
  ];
  const [head = '', first = '', second = '', call = ''] = renderHistory([...events, callRecord({ endedAtMs })], {
    width: Number.POSITIVE_INFINITY,
    isColoured: false,
  }).split('\n');
  expect(head).toContain('DECISION');
  expect(first).toMatch(/ deny .* event PreToolUse Bash +secrets deny, lint timedOut; 3 times$/);
  expect(second).toMatch(/ none .* event PreToolUse Bash\s*$/);
  expect(call).toMatch(/ 0 +- +1\.5 .*guard.py/);
});
