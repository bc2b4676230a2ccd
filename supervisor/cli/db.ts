/** `supervisor db check|vacuum|export`: the file of the records itself. With or without a daemon. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '../contract/status.js';
import { RECORDS_FILE } from '../store/file.js';
import { checkRecords, vacuum } from '../store/maintain.js';
import { everyRecord, type Reading, withRecords } from '../store/query.js';
import { type Context, tellProblem } from './context.js';
import { bytesText } from './render/units.js';
import { loadSettings } from './settings.js';
import type { DbAction } from './words.js';

export async function db(context: Context, action: DbAction, options: { json?: boolean }): Promise<number> {
  const settings = await loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const file = join(settings.config.stateFolder, RECORDS_FILE);
  switch (action) {
    case 'check':
      return check(context, file, options.json === true);
    case 'vacuum':
      return makeSmall(context, file, options.json === true);
    case 'export':
      return exportAll(context, file);
  }
}

async function check(context: Context, file: string, json: boolean): Promise<number> {
  const checked = await withRecords(file, checkRecords);
  if (checked.kind !== 'read') return notRead(context, file, checked);
  const { problems, calls, audits, usedBytes } = checked.value;
  const isSound = problems.length === 0;
  if (json) say(context, { action: 'check', file, ok: isSound, ...checked.value });
  else if (isSound) {
    context.out(`${file}: sound, ${calls} calls, ${audits} records of the daemon, ${bytesText(usedBytes)}\n`);
  }
  if (isSound) return ExitCode.OK;
  const remedy = 'the daemon moves it aside when it next starts';
  for (const what of problems) tellProblem(context, { where: file, what, remedy: '' });
  context.err(`  ${remedy}\n`);
  return ExitCode.UNAVAILABLE;
}

async function makeSmall(context: Context, file: string, json: boolean): Promise<number> {
  const beforeBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const made = await withRecords(file, vacuum, true);
  if (made.kind !== 'read') return notRead(context, file, made);
  const afterBytes = statSync(file).size;
  if (json) say(context, { action: 'vacuum', file, ok: true, beforeBytes, afterBytes });
  else context.out(`${file}: ${bytesText(beforeBytes)} before, ${bytesText(afterBytes)} now\n`);
  return ExitCode.OK;
}

/** One line of JSON for each record. */
async function exportAll(context: Context, file: string): Promise<number> {
  const told = await withRecords(file, (opened) => {
    for (const record of everyRecord(opened)) context.out(`${JSON.stringify(record)}\n`);
  });
  return told.kind === 'read' ? ExitCode.OK : notRead(context, file, told);
}

function notRead(context: Context, file: string, reading: Exclude<Reading<unknown>, { kind: 'read' }>): number {
  if (reading.kind === 'none') {
    context.err(`supervisor: no records in ${file}\n`);
    return ExitCode.OK;
  }
  tellProblem(context, { where: file, ...reading.problem });
  return ExitCode.UNAVAILABLE;
}

function say(context: Context, answer: object): void {
  context.out(`${JSON.stringify({ schema: 'supervisor.db/v1', ...answer }, null, 2)}\n`);
}
