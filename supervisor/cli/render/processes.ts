/** `supervisor ps` for people. */
import type { MeasuredRow } from '../processes.js';
import type { Page } from '../screen.js';
import { painter } from './styles.js';
import { type Column, table } from './table.js';
import { bytesText, durationText, millisecondsText } from './units.js';

export function renderProcesses(rows: readonly MeasuredRow[], page: Page): string[] {
  return table(rows, PROCESS_COLUMNS, page.width, painter(page.isColoured));
}

export const PROCESS_COLUMNS: Column<MeasuredRow>[] = [
  { title: 'NAME', text: ({ name }) => name, narrowestColumns: 12 },
  { title: 'PID', text: ({ pid }) => String(pid), align: 'right' },
  { title: 'KIND', text: ({ kind }) => kind, dropOrder: 3 },
  { title: 'STATE', text: ({ state }) => state },
  {
    title: 'AGE',
    text: ({ usage }) => (usage === null ? '-' : durationText(usage.ageMs)),
    align: 'right',
    dropOrder: 1,
  },
  {
    title: 'CPU',
    text: ({ usage }) => (usage === null ? '-' : millisecondsText(usage.cpuMs)),
    align: 'right',
    dropOrder: 2,
  },
  { title: 'MEMORY', text: ({ usage }) => (usage === null ? '-' : bytesText(usage.memoryBytes)), align: 'right' },
  { title: 'CGROUP', text: ({ cgroupPath }) => cgroupPath ?? '-', dropOrder: 4 },
];
