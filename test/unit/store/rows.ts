/** Records for tests, and a folder for their database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditRecord, CallRecord } from '../../../supervisor/contract/records.js';
import { CALL_RECORD } from '../../lib/call-record.mjs';

export const DAY_MS = 24 * 60 * 60 * 1000;
export const NOW_MS = Date.UTC(2026, 10, 27, 12);

export function callRecord(change: Partial<CallRecord> = {}): CallRecord {
  return {
    endedAtMs: NOW_MS,
    handler: '/p/guard.py',
    ...CALL_RECORD,
    pid: 4711,
    ...change,
  };
}

export function auditRecord(about: string, atMs = NOW_MS): AuditRecord {
  return { atMs, what: 'started', about };
}

/** A row that no table takes. */
export function badRecord(): CallRecord {
  return callRecord({ endedAtMs: 'never' as unknown as number });
}

export function temporaryFolder(): { file: string; folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'hs-store-'));
  return { folder, file: join(folder, 'records.db'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
