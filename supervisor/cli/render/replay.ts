/** A replay for people: how many answers are as they were, how long they took, and what differs. */
import type { Latency, ReplayReport } from '../replay/report.js';
import type { Page } from '../screen.js';
import { type Paint, painter } from './styles.js';
import { table, wrap } from './table.js';
import { millisecondsText } from './units.js';

const SHOWN_MAX = 20;

export function renderReplay(report: ReplayReport, page: Page): string {
  const paint = painter(page.isColoured);
  const { different } = report;
  const rest = different.length - SHOWN_MAX;
  const lines = [
    ...summary(report, page.width, paint),
    '',
    ...latencies(report, page.width, paint),
    ...different.slice(0, SHOWN_MAX).flatMap((one) => ['', ...differentLines(one, page.width, paint)]),
    ...(rest > 0 ? ['', `and ${rest} more; --json has all`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function summary(report: ReplayReport, width: number, paint: Paint): string[] {
  const { sent, calls, against, byPath, same, different, left, isInterrupted } = report;
  const paths = Object.entries(byPath).map(([path, count]) => `${path} ${count}`);
  const how = against === 'direct' ? 'run directly' : `through the supervisor (${paths.join(', ') || 'none answered'})`;
  const line = (text: string) => wrap(text, width, '         ');
  const found = different.length === 0 ? 'differ   0' : `${paint('red', 'differ')}   ${different.length}`;
  return [
    ...line(`sent     ${sent} of ${calls} ${calls === 1 ? 'call' : 'calls'}, ${how}`),
    ...line(`same     ${same}`),
    found,
    ...Object.entries(left).flatMap(([why, count]) => line(`left     ${count}: ${why}`)),
    ...(isInterrupted ? ['interrupted: the rest was not sent'] : []),
  ];
}

function latencies({ recorded, now }: ReplayReport, width: number, paint: Paint): string[] {
  const rows: (Latency & { name: string })[] = [
    { name: 'recorded', ...recorded },
    { name: 'now', ...now },
  ];
  const text = (ms: number | null) => (ms === null ? '-' : millisecondsText(ms));
  return table(
    rows,
    [
      { title: 'TIME', text: ({ name }) => name },
      { title: 'P50', text: ({ p50Ms }) => text(p50Ms), align: 'right' },
      { title: 'P99', text: ({ p99Ms }) => text(p99Ms), align: 'right' },
    ],
    width,
    paint,
  );
}

function differentLines(one: ReplayReport['different'][number], width: number, paint: Paint): string[] {
  const { call, command, differences, failed, isInputMasked } = one;
  const [first = '', ...more] = wrap(`differs  call ${call}: ${command.join(' ')}`, width, '  ');
  const line = (text: string) => wrap(text, width, '    ', '  ');
  return [
    first.replace('differs', paint('red', 'differs')),
    ...more,
    ...(failed === '' ? [] : line(`no answer: ${failed}`)),
    ...differences.flatMap(({ what, recorded, now }) => [
      ...line(`${what} recorded: ${recorded}`),
      ...line(`${what} now: ${now}`),
    ]),
    ...(isInputMasked ? line('secrets were masked in its input, which may be why') : []),
  ];
}
