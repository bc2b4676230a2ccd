/** `supervisor history`: the calls that were answered, from the records. Needs no daemon. */
import { join } from 'node:path';
import type { OutcomeKind } from '../contract/outcome.js';
import { ExitCode } from '../contract/status.js';
import type { Decision } from '../contract/validating.js';
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
  decision?: Decision;
  limit: number;
  json?: boolean;
}

export async function history(context: Context, options: HistoryOptions): Promise<number> {
  const settings = await loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const file = join(settings.config.stateFolder, RECORDS_FILE);
  const { since: sinceMs, handler, outcome, decision, limit: rowsMax } = options;
  const filter: CallFilter = { sinceMs, handler, outcome, decision, rowsMax };
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
