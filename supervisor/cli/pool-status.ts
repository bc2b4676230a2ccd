/** `supervisor status POOL` and `POOL/WORKER`: one pool, or one place in it, in full. */
import type { PoolDetail } from '../contract/pool-detail.js';
import { shownName } from '../contract/pool-place.js';
import { ExitCode } from '../contract/status.js';
import { type Asked, Daemon } from './ask-daemon.js';
import { type Context, tellProblem } from './context.js';
import { leafFigures } from './leaf-figures.js';
import { lastLines, logPaths } from './log-files.js';
import { workerMeant } from './operate.js';
import { splitTarget } from './pool-name.js';
import { type MeasuredRow, measured, rowsOfPool } from './processes.js';
import { isAboutPool } from './render/log-line.js';
import { renderPool, renderWorker, type WorkerView } from './render/pool.js';

const LOG_LINES_MAX = 5;

export async function detailOf(daemon: Daemon, word: string): Promise<Asked<PoolDetail>> {
  const pool = await daemon.pool(word);
  if (!pool.ok) return pool;
  const asked = await daemon.ask('pool', { pool: pool.value.name });
  if (!asked.ok) return asked;
  return asked.value.detail === undefined
    ? { ok: false, exitCode: ExitCode.INTERNAL }
    : { ok: true, value: asked.value.detail };
}

export async function poolStatus(context: Context, target: string, { json }: { json?: boolean }): Promise<number> {
  const words = splitTarget(target);
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const asked = await detailOf(daemon.value, words.pool);
  if (!asked.ok) return asked.exitCode;
  const detail = asked.value;
  const { pool } = detail;
  const processes = await measured(rowsOfPool(pool));
  const log = logPaths(daemon.value.config)
    .map((path) => lastLines(path, LOG_LINES_MAX, (line) => isAboutPool(line, pool.id)))
    .find((lines) => lines.length > 0);
  if (words.worker === undefined) {
    context.out(
      json
        ? documentOf({ ...detail, processes, log: log ?? [] })
        : renderPool(detail, processes, log ?? [], context.screen),
    );
    return ExitCode.OK;
  }
  const meant = workerMeant(context, pool, words.worker);
  if (!meant.ok) return meant.exitCode;
  const poolName = shownName(pool.id, pool);
  const name = `${poolName}/${meant.value ?? 'keeper'}`;
  const process = processes.find((row) => row.name === name);
  if (process === undefined) {
    tellProblem(context, { where: name, what: 'it does not run now', remedy: `supervisor why ${poolName}` });
    return ExitCode.NO_SUCH_POOL;
  }
  const view = viewOf(process, detail, log ?? []);
  context.out(json ? documentOf(view) : renderWorker(view, context.screen));
  return ExitCode.OK;
}

function viewOf(process: MeasuredRow, { pool, nowMs, tasks }: PoolDetail, log: string[]): WorkerView {
  const worker = pool.workers.find(({ pid }) => pid === process.pid);
  return {
    schema: 'supervisor.worker/v1',
    nowMs,
    process,
    generation: worker?.generation ?? null,
    leaf: (process.cgroupPath !== null && leafFigures(process.cgroupPath)) || null,
    limits: pool.limits,
    tasks,
    log,
  };
}

function documentOf(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
