/** What an operator may do with the records: have them checked, and the file made as small as it can be. */
import { usedBytes } from './retention.js';
import type { Database } from './sqlite.js';

export interface CheckedRecords {
  /** In SQLite's words; empty: sound. */
  problems: string[];
  calls: number;
  audits: number;
  usedBytes: number;
}

const PROBLEMS_TOLD_MAX = 20;

export function checkRecords(db: Database): CheckedRecords {
  const rows = db.pragma(`integrity_check(${PROBLEMS_TOLD_MAX})`) as { integrity_check: string }[];
  const count = (table: string) => (db.prepare(`SELECT count(*) AS rows FROM ${table}`).get() as { rows: number }).rows;
  return {
    problems: rows.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
    calls: count('calls'),
    audits: count('audit'),
    usedBytes: usedBytes(db),
  };
}

/** The log is emptied into the file as well, unless somebody reads. */
export function vacuum(db: Database): void {
  db.exec('VACUUM');
  db.pragma('wal_checkpoint(TRUNCATE)');
}
