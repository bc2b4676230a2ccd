/** Reads the records, beside a daemon that writes them or without one. */
import { existsSync } from 'node:fs';
import type { AuditRecord, CallRecord, EventFacts } from '../contract/records.js';
import { checkSchema, MIGRATIONS } from './migrations.js';
import { type Database, loadSqlite, SQLITE_REMEDY, troubleOf } from './sqlite.js';

export interface ReadProblem {
  what: string;
  remedy: string;
}

export type Reading<T> = { kind: 'read'; value: T } | { kind: 'none' } | { kind: 'failed'; problem: ReadProblem };

/** Opens the file, lets `read` have it, and closes it. @param isWriting it may change the file. */
export async function withRecords<T>(file: string, read: (db: Database) => T, isWriting = false): Promise<Reading<T>> {
  if (!existsSync(file)) return { kind: 'none' };
  const sqlite = await loadSqlite();
  if (!sqlite.ok) return failed(sqlite.reason, SQLITE_REMEDY);
  let db: Database | undefined;
  try {
    db = sqlite.open(file, { readonly: !isWriting, fileMustExist: true });
    const schema = checkSchema(db);
    if (schema.kind === 'empty') return { kind: 'none' };
    if (schema.kind === 'foreign') return failed('is a database of some other program', '');
    if (schema.version === MIGRATIONS.length) return { kind: 'read', value: read(db) };
    return failed(`has schema ${schema.version}, this version ${MIGRATIONS.length}`, 'use the version of the daemon');
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === undefined) throw error;
    if (trouble === 'damaged') return failed('is damaged', 'the daemon moves it aside when it next starts or writes');
    return failed((error as Error).message, trouble === 'busy' ? 'try again' : 'see that the file can be read');
  } finally {
    db?.close();
  }
}

function failed(what: string, remedy: string): Reading<never> {
  return { kind: 'failed', problem: { what, remedy } };
}

export interface CallFilter {
  /** Since 1970. */
  sinceMs?: number | undefined;
  /** A part of the handler. */
  handler?: string | undefined;
  outcome?: string | undefined;
  /** Of events. */
  decision?: string | undefined;
  rowsMax: number;
}

const CALLS = `SELECT ended_at_ms AS endedAtMs, name AS handler, path, runtime, level, outcome, exit_code AS exitCode, signal,
  total_us / 1000.0 AS totalMs, run_us / 1000.0 AS runMs, cpu_us / 1000.0 AS cpuMs,
  memory_peak_bytes AS memoryPeakBytes, pid, denials_told AS denialsTold,
  is_switched AS isSwitched, detail, decision, validators, times
  FROM calls JOIN handlers ON handlers.id = handler_id`;

/** The newest that pass, oldest first. */
export function findCalls(db: Database, filter: CallFilter): CallRecord[] {
  const { sinceMs, handler, outcome, decision, rowsMax } = filter;
  const conditions = [
    ...(sinceMs === undefined ? [] : ['ended_at_ms >= @sinceMs']),
    ...(handler === undefined ? [] : ['instr(name, @handler) > 0']),
    ...(outcome === undefined ? [] : ['outcome = @outcome']),
    ...(decision === undefined ? [] : ['decision = @decision']),
  ];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const newest = db.prepare(`${CALLS} ${where} ORDER BY calls.id DESC LIMIT @rowsMax`);
  const [since, name, kind] = [sinceMs ?? 0, handler ?? '', outcome ?? ''];
  const values = { sinceMs: since, handler: name, outcome: kind, decision: decision ?? '', rowsMax };
  return newest.all(values).map(callOf).reverse();
}

/** The newest of the handlers with one of these names, newest first. */
export function callsOf(db: Database, names: readonly string[], rowsMax: number): CallRecord[] {
  const where = `WHERE name IN (${names.map(() => '?').join(', ')})`;
  const newest = db.prepare(`${CALLS} ${where} ORDER BY calls.id DESC LIMIT ?`);
  return newest.all(...names, rowsMax).map(callOf);
}

/** Everything, oldest first; one row in memory at a time. */
export function* everyRecord(db: Database): Generator<object> {
  for (const row of db.prepare(`${CALLS} ORDER BY calls.id`).iterate()) {
    const call = callOf(row);
    yield { kind: call.event === undefined ? 'call' : 'event', ...call };
  }
  const audits = db.prepare('SELECT at_ms AS atMs, what, about FROM audit ORDER BY id').iterate();
  for (const row of audits) yield { kind: 'audit', ...(row as AuditRecord) };
}

type CallRow = CallRecord & Pick<EventFacts, 'decision' | 'times'> & { validators: string | null };

function callOf(row: unknown): CallRecord {
  const { decision, validators, times, ...call } = row as CallRow;
  const told = { ...call, isSwitched: Boolean(call.isSwitched) };
  return validators === null ? told : { ...told, event: { decision, validators: JSON.parse(validators), times } };
}
