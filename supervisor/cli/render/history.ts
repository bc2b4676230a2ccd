/** `supervisor history` for people: one line for each call, the newest at the bottom. */
import type { CallRecord } from '../../contract/records.js';
import type { Page } from '../screen.js';
import { type Paint, painter } from './styles.js';
import { type Column, table } from './table.js';
import { bytesText, clockText, dateText } from './units.js';

export function renderHistory(calls: readonly CallRecord[], page: Page): string {
  const paint = painter(page.isColoured);
  const hasEvents = calls.some(({ event }) => event !== undefined);
  return `${table(calls, columns(paint, hasEvents), page.width, paint).join('\n')}\n`;
}

function columns(paint: Paint, hasEvents: boolean): Column<CallRecord>[] {
  const decision: Column<CallRecord> = { title: 'DECISION', text: decisionText, dropOrder: 2 };
  return [
    { title: 'ENDED', text: ({ endedAtMs }) => `${dateText(endedAtMs)} ${clockText(endedAtMs)}` },
    { title: 'OUTCOME', text: ({ outcome }) => (outcome === 'answered' ? outcome : paint('yellow', outcome)) },
    { title: 'EXIT', text: exitText, align: 'right' },
    ...(hasEvents ? [decision] : []),
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
    { title: 'DETAIL', text: detailText, dropOrder: 5 },
  ];
}

function exitText({ exitCode, signal }: CallRecord): string {
  if (signal !== null) return `signal ${signal}`;
  return exitCode === null ? '-' : String(exitCode);
}

function decisionText({ event }: CallRecord): string {
  return event === undefined ? '-' : (event.decision ?? 'none');
}

/** Of an event, who has said what of it. */
function detailText({ detail, event }: CallRecord): string {
  if (event === undefined) return detail;
  const said = event.validators.map((one) => `${one.name} ${one.said}`).join(', ');
  return [detail, said, event.times > 1 ? `${event.times} times` : ''].filter((text) => text !== '').join('; ');
}
