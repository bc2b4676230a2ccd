/** `supervisor status` for people. Meaning is never in the colour alone: every state is a word. */
import { HTTP_ADDRESS, type HttpStatus } from '../../contract/http.js';
import type { LibraryStatus } from '../../contract/library.js';
import { OUTCOME_KINDS } from '../../contract/outcome.js';
import { shownName } from '../../contract/pool-place.js';
import type { StoreStatus } from '../../contract/records.js';
import type { Degraded, PoolStatus, RunningStatus, WorkerStatus } from '../../contract/status.js';
import type { Page } from '../screen.js';
import { profileText } from './profile.js';
import { recordingText } from './recording.js';
import { type Paint, painter } from './styles.js';
import { type Column, fill, table, wrap } from './table.js';
import { bytesText, durationText } from './units.js';
import { eventsText, validatorLines } from './validators.js';

export function renderStatus(status: RunningStatus, page: Page): string {
  const paint = painter(page.isColoured);
  const lines = [
    ...header(status, page.width, paint),
    ...status.degraded.flatMap((degraded) => degradedLines(degraded, page.width, paint)),
    '',
    ...table(status.pools, poolColumns(status.pools, paint), page.width, paint),
    '',
    ...table(allWorkers(status), WORKER_COLUMNS, page.width, paint),
    '',
    ...validatorLines(status, page.width, paint),
    ...callLines(status, page.width),
  ];
  return `${lines.join('\n')}\n`;
}

function header(status: RunningStatus, width: number, paint: Paint): string[] {
  const state = status.degraded.length === 0 ? paint('green', 'running') : paint('yellow', 'running, degraded');
  const parts = [
    paint('bold', `supervisor ${status.version}`),
    state,
    `pid ${status.pid}`,
    `up ${durationText(status.uptimeMs)}`,
    `cgroup ${status.driver}`,
  ];
  // Who has not chosen one has no need to know of them.
  const profile =
    status.profile.chosenBy === 'default' ? [] : wrap(`profile ${profileText(status.profile)}`, width, '  ');
  return [...fill(parts, '  ', width, '  '), `socket ${status.socketPath}`, ...profile];
}

function degradedLines({ layer, reason, remedy }: Degraded, width: number, paint: Paint): string[] {
  const [first = '', ...rest] = wrap(`degraded  ${layer}: ${reason}`, width, '  ');
  const remedyLines = remedy === '' ? [] : wrap(remedy, width, '  ', '  ');
  return [first.replace('degraded', paint('yellow', 'degraded')), ...rest, ...remedyLines];
}

function poolColumns(pools: readonly PoolStatus[], paint: Paint): Column<PoolStatus>[] {
  const level: Column<PoolStatus> = { title: 'LEVEL', text: (pool) => pool.level, dropOrder: 4 };
  return [
    { title: 'POOL', text: (pool) => shownName(pool.id, pool), narrowestColumns: 10 },
    { title: 'STATE', text: (pool) => stateText(pool, paint) },
    { title: 'PARKED', text: (pool) => String(pool.parked), align: 'right' },
    { title: 'BUSY', text: (pool) => String(pool.busy), align: 'right' },
    { title: 'RESTARTS', text: (pool) => String(pool.restarts), align: 'right', dropOrder: 2 },
    ...(pools.some((pool) => pool.level !== 'contained') ? [level] : []),
    { title: 'LIMITS', text: limitsText, dropOrder: 1 },
    { title: 'ENFORCED', text: (pool) => pool.enforced.join(' ') || 'nothing', dropOrder: 3 },
    { title: 'SERVES', text: (pool) => pool.describes || 'any command', dropOrder: 5 },
  ];
}

function stateText({ state, isDrained }: PoolStatus, paint: Paint): string {
  if (isDrained && state !== 'stopping' && state !== 'draining') return paint('yellow', 'drained');
  return state === 'ready' ? state : paint('yellow', state);
}

export function limitsText({ limits }: Pick<PoolStatus, 'limits'>): string {
  const parts: string[] = [];
  if (limits.memoryMaxBytes !== null) parts.push(`memory ${bytesText(limits.memoryMaxBytes)}`);
  if (limits.pidsMax !== null) parts.push(`pids ${limits.pidsMax}`);
  if (limits.cpuMax !== null) parts.push(`cpu ${limits.cpuMax}`);
  if (limits.cpuTimeMaxMs !== null) parts.push(`cpu time ${durationText(limits.cpuTimeMaxMs)}`);
  return parts.join(', ') || 'none';
}

interface WorkerRow {
  pool: string;
  worker: WorkerStatus;
}

function allWorkers(status: RunningStatus): WorkerRow[] {
  return status.pools.flatMap((pool) => pool.workers.map((worker) => ({ pool: shownName(pool.id, pool), worker })));
}

const WORKER_COLUMNS: Column<WorkerRow>[] = [
  { title: 'PID', text: ({ worker }) => String(worker.pid), align: 'right' },
  { title: 'POOL', text: ({ pool }) => pool, dropOrder: 2 },
  { title: 'KIND', text: ({ worker }) => worker.kind },
  { title: 'STATE', text: ({ worker }) => worker.state },
  { title: 'GENERATION', text: ({ worker }) => String(worker.generation), align: 'right', dropOrder: 1 },
  { title: 'CGROUP', text: ({ worker }) => worker.cgroupPath ?? 'none', dropOrder: 3 },
];

function callLines(status: RunningStatus, width: number): string[] {
  const { calls, events, ring, parkedMemory, records, recording, library, http } = status;
  const outcomes = OUTCOME_KINDS.flatMap((kind) => {
    const count = calls.byOutcome[kind] ?? 0;
    return count === 0 ? [] : [`${kind} ${count}`];
  });
  const paths = `worker ${calls.byPath.worker}, exec ${calls.byPath.exec}, direct ${calls.byPath.direct}; switched ${calls.switched}`;
  return [
    ...wrap(`calls   ${calls.total} total, ${calls.active} running, ${calls.queued} waiting`, width, '  '),
    ...wrap(`paths   ${paths}`, width, '  '),
    ...(outcomes.length === 0 ? [] : wrap(`ended   ${outcomes.join(', ')}`, width, '  ')),
    ...(events.total === 0 ? [] : wrap(`events  ${eventsText(events)}`, width, '  ')),
    ...wrap(`parked  ${bytesText(parkedMemory.usedBytes)} of at most ${bytesText(parkedMemory.maxBytes)}`, width, '  '),
    ...wrap(`ring    ${ring.records} records, ${ring.wakeups} wake-ups`, width, '  '),
    ...(library.connections + library.inFlight === 0 ? [] : wrap(`library ${libraryText(library)}`, width, '  ')),
    ...wrap(`kept    ${keptText(records)}`, width, '  '),
    ...(recording.file === '' ? [] : wrap(`taped   ${recordingText(recording)}`, width, '  ')),
    ...(http === null ? [] : wrap(`http    ${httpText(http)}`, width, '  ')),
  ];
}

function libraryText({ connections, inFlight }: LibraryStatus): string {
  return `${connections} connected, ${inFlight} events in flight`;
}

function keptText({ state, written, waiting, dropped, bad }: StoreStatus): string {
  if (state === 'off') return 'no records, by configuration';
  const lost = [dropped > 0 ? `${dropped} dropped` : '', bad > 0 ? `${bad} refused by the database` : ''];
  return [`${written} records, ${state}`, waiting > 0 ? `${waiting} waiting` : '', ...lost].filter(Boolean).join(', ');
}

export function httpText({ port, connections, running, answered, failed, refused, crowdedOut }: HttpStatus): string {
  const reasons = Object.entries(refused).map(([because, count]) => `${count} ${because}`);
  return [
    `${HTTP_ADDRESS}:${port}, ${connections} connected, ${running} running, ${answered} answered, ${failed} failed`,
    ...(reasons.length === 0 ? [] : [`refused for ${reasons.join(', ')}`]),
    ...(crowdedOut === 0 ? [] : [`${crowdedOut} closed to make room`]),
  ].join('; ');
}
