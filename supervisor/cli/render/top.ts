/** One frame of `supervisor top`. */
import type { RunningStatus } from '../../contract/status.js';
import type { Page } from '../screen.js';
import type { SortKey, TopRow } from '../top-rows.js';
import { painter } from './styles.js';
import { type Column, fill, table } from './table.js';
import { bytesText, durationText } from './units.js';

/** @param hasKeys somebody can press them. */
export function renderTop(
  status: RunningStatus,
  rows: readonly TopRow[],
  sort: SortKey,
  page: Page,
  hasKeys: boolean,
): string {
  const paint = painter(page.isColoured);
  const { calls, degraded } = status;
  const sum = (figure: (row: TopRow) => number) => rows.reduce((total, row) => total + figure(row), 0);
  const head = [
    paint('bold', `supervisor ${status.version}`),
    `up ${durationText(status.uptimeMs)}`,
    `cgroup ${status.driver}`,
    degraded.length === 0 ? 'sound' : paint('yellow', `degraded ${degraded.length}`),
  ];
  const load = [
    `calls ${calls.total}`,
    `running ${calls.active}`,
    `waiting ${calls.queued}`,
    `processes ${rows.length}`,
    `CPU ${sum(({ cpuPercent }) => cpuPercent ?? 0).toFixed(0)} %`,
    `memory ${bytesText(sum(({ usage }) => usage?.memoryBytes ?? 0))}`,
  ];
  const order = `sorted by ${sort}`;
  const keys = hasKeys ? `${order}; keys: c cpu, m memory, a age, n name, p pid, s state, r reverse, q quit` : order;
  return `${[
    ...fill(head, '  ', page.width, '  '),
    ...fill(load, '  ', page.width, '  '),
    ...fill(keys.split(' '), ' ', page.width, '  '),
    '',
    ...table(rows, COLUMNS, page.width, paint),
  ].join('\n')}\n`;
}

const COLUMNS: Column<TopRow>[] = [
  { title: 'PID', text: ({ pid }) => String(pid), align: 'right' },
  { title: 'CPU%', text: ({ cpuPercent }) => cpuPercent?.toFixed(1) ?? '-', align: 'right' },
  { title: 'MEMORY', text: ({ usage }) => (usage === null ? '-' : bytesText(usage.memoryBytes)), align: 'right' },
  {
    title: 'AGE',
    text: ({ usage }) => (usage === null ? '-' : durationText(usage.ageMs)),
    align: 'right',
    dropOrder: 1,
  },
  { title: 'STATE', text: ({ state }) => state },
  { title: 'KIND', text: ({ kind }) => kind, dropOrder: 2 },
  { title: 'NAME', text: ({ name }) => name, narrowestColumns: 12 },
];
