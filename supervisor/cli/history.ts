/** `supervisor history`: the calls that were answered, from the records. Needs no daemon. */
import { join } from 'node:path';
import type { OutcomeKind } from '../contract/outcome.js';
import { ExitCode } from '../contract/status.js';
import { RECORDS_FILE } from '../store/file.js';
import { type CallFilter, findCalls, withRecords } from '../store/query.js';
import { type Context, tellProblem } from './context.js';
import { renderHistory } from './render/history.js';
import { loadSettings } from './settings.js';

export interface HistoryOptions {
  /** Since 1970. */
  since?: number;
  handler?: string;
  outcome?: OutcomeKind;
  limit: number;
  json?: boolean;
}

export async function history(context: Context, options: HistoryOptions): Promise<number> {
  const settings = loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const file = join(settings.config.stateFolder, RECORDS_FILE);
  const { since: sinceMs, handler, outcome, limit: rowsMax } = options;
  const filter: CallFilter = { sinceMs, handler, outcome, rowsMax };
  const found = await withRecords(file, (db) => findCalls(db, filter));
  if (found.kind === 'failed') {
    tellProblem(context, { where: file, ...found.problem });
    return ExitCode.UNAVAILABLE;
  }
  const calls = found.kind === 'none' ? [] : found.value;
  if (options.json) context.out(`${JSON.stringify({ schema: 'supervisor.history/v1', calls }, null, 2)}\n`);
  else if (calls.length > 0) context.out(renderHistory(calls, context.screen));
  else context.err(found.kind === 'none' ? `supervisor: no records in ${file}\n` : 'supervisor: no such calls\n');
  return ExitCode.OK;
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `2h`, `7d` before `nowMs`, or a date as ISO 8601 has it. */
export function momentOf(text: string, nowMs: number): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  const isDate = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  const atMs = isDate ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
