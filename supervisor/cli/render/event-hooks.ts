/** Hooks that are run for events, in `supervisor status`. */
import type { EventHookStatus } from '../../contract/event-hooks.js';
import type { RunningStatus } from '../../contract/status.js';
import type { Paint } from './styles.js';
import { type Column, table } from './table.js';

const COLUMNS: Column<EventHookStatus>[] = [
  { title: 'EVENT HOOK', text: ({ name }) => name, narrowestColumns: 10 },
  { title: 'LEVEL', text: ({ level }) => level ?? 'by handlers', dropOrder: 2 },
  { title: 'RUNNING', text: ({ running }) => String(running), align: 'right' },
  { title: 'ASKED', text: ({ asked }) => String(asked), align: 'right' },
  { title: 'DENIED', text: ({ denied }) => String(denied), align: 'right' },
  { title: 'FAILED', text: ({ failed }) => String(failed), align: 'right' },
  { title: 'COMMAND', text: ({ command }) => command, dropOrder: 1 },
];

/** Nothing where none is configured. */
export function eventHookLines({ hooks }: RunningStatus, width: number, paint: Paint): string[] {
  return hooks.length === 0 ? [] : [...table(hooks, COLUMNS, width, paint), ''];
}
