/** `supervisor status POOL` and `POOL/WORKER` for people. */
import type { LastTask, PoolDetail } from '../../contract/pool-detail.js';
import { shownName } from '../../contract/pool-place.js';
import type { PoolStatus } from '../../contract/status.js';
import type { LeafFigures } from '../leaf-figures.js';
import type { MeasuredRow } from '../processes.js';
import type { Page } from '../screen.js';
import { signalText } from './causes.js';
import { renderHappening } from './happening.js';
import { renderLogLine } from './log-line.js';
import { PROCESS_COLUMNS } from './processes.js';
import { limitsText } from './status.js';
import { painter } from './styles.js';
import { type Column, table, wrap } from './table.js';
import { bytesText, durationText, millisecondsText } from './units.js';

const TASKS_SHOWN_MAX = 5;
const HAPPENINGS_SHOWN_MAX = 5;
const TITLE_COLUMNS = 10;

/** One process of a pool. */
export interface WorkerView {
  schema: 'supervisor.worker/v1';
  nowMs: number;
  process: MeasuredRow;
  generation: number | null;
  /** null: it has no leaf, or the host has no v2 counters. */
  leaf: LeafFigures | null;
  limits: PoolStatus['limits'];
  /** Of its pool: a parked process runs one hook and is replaced. */
  tasks: LastTask[];
  log: string[];
}

export function renderPool(detail: PoolDetail, processes: readonly MeasuredRow[], log: string[], page: Page): string {
  const { pool, happenings } = detail;
  const paint = painter(page.isColoured);
  const held = [pool.isDrained ? 'drained' : '', pool.parkedFloor > 0 ? `at least ${pool.parkedFloor} parked` : ''];
  const state = [pool.state, `${pool.parked} parked`, `${pool.busy} busy`, ...held].filter(Boolean).join(', ');
  const next = pool.nextStartInMs === null ? '' : `, next start in ${millisecondsText(pool.nextStartInMs)}`;
  const lines = [
    paint('bold', shownName(pool.id, pool)),
    ...titled('serves', pool.describes || 'any command', page),
    ...titled('state', `${state}; restarts ${pool.restarts}${next}`, page),
    ...titled('level', pool.level, page),
    ...titled('limits', limitsText(pool), page),
    ...titled('enforced', pool.enforced.join(' ') || 'nothing', page),
    ...titled('parked', `${bytesText(pool.parkedMemoryBytes)} of memory`, page),
    ...slowLines(pool.slow, page),
    '',
    ...table(processes, PROCESS_COLUMNS, page.width, paint),
    ...section('last calls', taskLines(detail.tasks, detail.nowMs, page)),
    ...section(
      'events',
      happenings.slice(-HAPPENINGS_SHOWN_MAX).flatMap((one) => renderHappening(one, page)),
    ),
    ...section(
      'log',
      log.flatMap((line) => renderLogLine(line, page)),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

export function renderWorker({ process, generation, leaf, limits, tasks, nowMs, log }: WorkerView, page: Page): string {
  const { usage } = process;
  const used =
    usage === null
      ? 'it has just ended'
      : `resident ${bytesText(usage.memoryBytes)}, CPU ${millisecondsText(usage.cpuMs)}, age ${durationText(usage.ageMs)}`;
  const lines = [
    painter(page.isColoured)('bold', process.name),
    ...titled('is', `${process.kind}, ${process.state}, pid ${process.pid}`, page),
    ...titled('process', used, page),
    ...(generation === null ? [] : titled('place', `generation ${generation} of what was in it`, page)),
    ...titled('limits', limitsText({ limits }), page),
    ...titled('cgroup', process.cgroupPath ?? 'none', page),
    ...(leaf === null ? [] : titled('counted', leafText(leaf), page)),
    ...section('last calls of the pool', taskLines(tasks, nowMs, page)),
    ...section(
      'log of the pool',
      log.flatMap((line) => renderLogLine(line, page)),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function leafText({
  memoryBytes,
  memoryPeakBytes,
  memoryMax,
  pids,
  pidsMax,
  cpuMs,
  throttledMs,
  oomKills,
}: LeafFigures): string {
  const max = memoryMax === null || memoryMax === 'max' ? '' : ` of ${bytesText(Number(memoryMax))}`;
  return [
    `memory ${bytesText(memoryBytes)}${max}`,
    memoryPeakBytes === null ? '' : `peak ${bytesText(memoryPeakBytes)}`,
    pids === null ? '' : `processes ${pids}${pidsMax === null ? '' : ` of ${pidsMax}`}`,
    cpuMs === null ? '' : `CPU ${millisecondsText(cpuMs)}`,
    throttledMs ? `held back ${millisecondsText(throttledMs)}` : '',
    oomKills ? `ended for memory ${oomKills}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function slowLines({ calls, starts }: PoolStatus['slow'], page: Page): string[] {
  const parts = [calls === 0 ? '' : `${calls} calls`, starts === 0 ? '' : `${starts} starts of parked processes`];
  const counted = parts.filter(Boolean).join(' and ');
  return counted === '' ? [] : titled('slow', `${counted} took far longer than is usual there`, page);
}

function taskLines(tasks: readonly LastTask[], nowMs: number, page: Page): string[] {
  if (tasks.length === 0) return [];
  const columns: Column<LastTask>[] = [
    { title: 'AGO', text: ({ endedAtMs }) => durationText(Math.max(0, nowMs - endedAtMs)), align: 'right' },
    { title: 'OUTCOME', text: ({ outcome }) => outcome },
    { title: 'EXIT', text: ({ exitCode, signal }) => (signal === null ? String(exitCode ?? '-') : signalText(signal)) },
    { title: 'MS', text: ({ totalMs }) => totalMs.toFixed(1), align: 'right' },
    { title: 'PID', text: ({ pid }) => String(pid ?? '-'), align: 'right', dropOrder: 1 },
    { title: 'HANDLER', text: ({ handler }) => handler || '?', narrowestColumns: 12 },
  ];
  return table(tasks.slice(-TASKS_SHOWN_MAX), columns, page.width, painter(page.isColoured));
}

function titled(title: string, text: string, { width }: Page): string[] {
  return wrap(text, width, ' '.repeat(TITLE_COLUMNS), title.padEnd(TITLE_COLUMNS));
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines];
}
