/** `supervisor history` for people: one line for each call, the newest at the bottom. */
import type { CallRecord } from '../../contract/records.js';
import type { Page } from '../screen.js';
import { type Paint, painter } from './styles.js';
import { type Column, table } from './table.js';
import { bytesText, clockText, dateText } from './units.js';

export function renderHistory(calls: readonly CallRecord[], page: Page): string {
  const paint = painter(page.isColoured);
  return `${table(calls, columns(paint), page.width, paint).join('\n')}\n`;
}

function columns(paint: Paint): Column<CallRecord>[] {
  return [
    { title: 'ENDED', text: ({ endedAtMs }) => `${dateText(endedAtMs)} ${clockText(endedAtMs)}` },
    { title: 'OUTCOME', text: ({ outcome }) => (outcome === 'answered' ? outcome : paint('yellow', outcome)) },
    { title: 'EXIT', text: exitText, align: 'right' },
    { title: 'MS', text: ({ totalMs }) => totalMs.toFixed(1), align: 'right' },
    { title: 'CPU', text: ({ cpuMs }) => cpuMs?.toFixed(1) ?? '-', align: 'right', dropOrder: 2 },
    {
      title: 'MEMORY',
      text: ({ memoryPeakBytes }) => (memoryPeakBytes === null ? '-' : bytesText(memoryPeakBytes)),
      align: 'right',
      dropOrder: 2,
    },
    { title: 'PATH', text: ({ path }) => path ?? '-', dropOrder: 1 },
    { title: 'LEVEL', text: ({ level }) => level ?? '-', dropOrder: 3 },
    { title: 'DENIED', text: ({ denialsTold }) => String(denialsTold || '-'), align: 'right', dropOrder: 3 },
    { title: 'PID', text: ({ pid }) => String(pid ?? '-'), align: 'right', dropOrder: 4 },
    { title: 'HANDLER', text: ({ handler }) => handler || '?', narrowestColumns: 12 },
    { title: 'DETAIL', text: ({ detail }) => detail, dropOrder: 5 },
  ];
}

function exitText({ exitCode, signal }: CallRecord): string {
  if (signal !== null) return `signal ${signal}`;
  return exitCode === null ? '-' : String(exitCode);
}
