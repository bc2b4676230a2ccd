/** What comes from hooks, interpreters and repositories must not steer the operator's terminal. */
import { expect, test } from 'vitest';
import { renderHappening } from '../../../supervisor/cli/render/happening.js';
import { renderHistory } from '../../../supervisor/cli/render/history.js';
import { renderLogLine } from '../../../supervisor/cli/render/log-line.js';
import { printableColoured } from '../../../supervisor/cli/render/printable.js';
import { painter } from '../../../supervisor/cli/render/styles.js';
import { table, wrap } from '../../../supervisor/cli/render/table.js';
import { callRecord } from '../store/rows.js';

/** Moves the cursor, writes to the clipboard, begins a line, hides what follows, by the one-byte form of the escape as well. */
const HOSTILE = 'a\x1b[2A\x1b]52;c;eA==\x07b\r\nc\x1b[8md\x9b2Je';
const PAGE = { width: 200, isColoured: false };

const controlsIn = (lines: string[]) => lines.filter((line) => /\p{Cc}/u.test(line));

test('in a line, a column, an event, a log line, a line of the log that is none, a call', () => {
  const rows = [{ name: HOSTILE }];
  const columns = [{ title: 'NAME', text: ({ name }: { name: string }) => name }];
  const happening = { kind: 'startFailed' as const, about: HOSTILE, inputs: { subject: HOSTILE }, seq: 1, atMs: 0 };
  const logLine = JSON.stringify({ level: 40, time: '2026-01-01T00:00:00Z', msg: HOSTILE, subject: HOSTILE });
  const call = callRecord({ handler: HOSTILE, detail: HOSTILE });
  const shown = [
    wrap(HOSTILE, 200, ''),
    table(rows, columns, 200, painter(false)),
    renderHappening(happening, PAGE),
    renderLogLine(logLine, PAGE),
    renderLogLine(HOSTILE, PAGE),
    renderHistory([call], PAGE).trimEnd().split('\n'),
  ];
  expect(shown.map(controlsIn)).toEqual(shown.map(() => []));
  expect(shown.map(({ length }) => length)).toEqual([1, 2, 1, 1, 1, 2]);
});

test('our own colours stay', () => {
  const painted = painter(true)('yellow', 'late');
  expect(printableColoured(`${painted}${HOSTILE}`).startsWith(painted)).toBe(true);
  expect(controlsIn([printableColoured(`${painted}${HOSTILE}`).slice(painted.length)])).toEqual([]);
});
