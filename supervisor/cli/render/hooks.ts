/** Hooks of agents for people. */
import type { PlannedHook } from '../../agents/plan.js';
import type { HookReport } from '../hook-records.js';
import type { Page } from '../screen.js';
import { printable } from './printable.js';
import { type Paint, painter } from './styles.js';
import { type Column, table } from './table.js';

const COMMAND_SHOWN_MAX_CHARACTERS = 80;

/** One hook that stays, with a word about it. */
export function hookLine(
  path: string,
  { line, event, command }: Pick<PlannedHook, 'line' | 'event' | 'command'>,
  word: string,
): string {
  return `${printable(`${path}:${line}: ${event} \`${shortened(command)}\`: ${word}`)}\n`;
}

export function renderHooks(hooks: readonly HookReport[], page: Page): string {
  const paint = painter(page.isColoured);
  return `${table(hooks, columns(paint), page.width, paint).join('\n')}\n`;
}

const STATES: Record<HookReport['state'], string> = {
  installed: 'wrapped',
  byHand: 'by hand',
  direct: 'direct',
  other: '-',
};

function columns(paint: Paint): Column<HookReport>[] {
  const ms = (figure: number | null | undefined) => figure?.toFixed(1) ?? '-';
  return [
    { title: 'AGENT', text: ({ agent }) => agent },
    { title: 'EVENT', text: ({ event }) => printable(event) },
    { title: 'RUNS', text: ({ state }) => (state === 'direct' ? paint('yellow', STATES[state]) : STATES[state]) },
    { title: 'LEVEL', text: ({ level }) => level ?? '-', dropOrder: 1 },
    { title: 'P50 MS', text: ({ record }) => ms(record?.p50Ms), align: 'right', dropOrder: 2 },
    { title: 'P99 MS', text: ({ record }) => ms(record?.p99Ms), align: 'right', dropOrder: 2 },
    { title: 'DENIED', text: ({ record }) => deniedText(record, paint), align: 'right', dropOrder: 2 },
    { title: 'LAST', text: ({ record }) => record?.last.join(' ') ?? '-', dropOrder: 4 },
    { title: 'HOOK', text: hookText, narrowestColumns: 16 },
    { title: 'WHERE', text: ({ file, line }) => `${printable(file)}:${line}`, dropOrder: 3 },
  ];
}

function deniedText(record: HookReport['record'], paint: Paint): string {
  return record === null || record.denied === 0 ? '-' : paint('yellow', String(record.denied));
}

function hookText({ type, state, command, args }: HookReport): string {
  return state === 'other' ? printable(type) : shortened([command, ...(args ?? [])].join(' '));
}

function shortened(command: string): string {
  const text = printable(command);
  return text.length <= COMMAND_SHOWN_MAX_CHARACTERS ? text : `${text.slice(0, COMMAND_SHOWN_MAX_CHARACTERS - 1)}…`;
}
