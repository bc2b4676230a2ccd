/** One batch -> one transaction. */

import { LIMITS } from '../contract/limits.js';
import type { AuditRecord, CallRecord } from '../contract/records.js';
import { type Database, type Statement, troubleOf } from './sqlite.js';

export interface Batch {
  calls: readonly CallRecord[];
  audits: readonly AuditRecord[];
}

export class Inserts {
  private readonly call: Statement;
  private readonly audit: Statement;
  private readonly handler: Statement;
  private readonly handlerId: Statement;
  /** Of handlers that are in the database. */
  private readonly known = new Map<string, number>();

  constructor(private readonly db: Database) {
    this.call =
      db.prepare(`INSERT INTO calls (ended_at_ms, handler_id, path, runtime, level, outcome, exit_code, signal,
      total_us, run_us, cpu_us, memory_peak_bytes, pid, is_switched, detail, denials_told, decision, validators, times)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.audit = db.prepare('INSERT INTO audit (at_ms, what, about) VALUES (?, ?, ?)');
    this.handler = db.prepare('INSERT OR IGNORE INTO handlers (name) VALUES (?)');
    this.handlerId = db.prepare('SELECT id FROM handlers WHERE name = ?').pluck();
  }

  /** @returns how many rows the database would not take. Throws, with nothing written, where it is the database that fails.
   *  With audit rows or denies the disk has the batch when this returns; without, the kernel has it. */
  write({ calls, audits }: Batch): number {
    const isDurable = audits.length > 0 || calls.some(({ event }) => event?.decision === 'deny');
    this.db.pragma(`synchronous = ${isDurable ? 'FULL' : 'NORMAL'}`);
    try {
      return this.db
        .transaction(() => {
          const badAudits = audits.filter(({ atMs, what, about }) => !taken(() => this.audit.run(atMs, what, about)));
          return badAudits.length + calls.filter((call) => !taken(() => this.insertCall(call))).length;
        })
        .immediate();
    } catch (error) {
      this.forgetHandlers(); // those of this batch are not in the database
      throw error;
    }
  }

  /** After handlers have been deleted. */
  forgetHandlers(): void {
    this.known.clear();
  }

  private insertCall(call: CallRecord): void {
    const { endedAtMs, path, runtime, level, outcome, exitCode, signal, memoryPeakBytes, pid, detail, event } = call;
    this.call.run(
      ...[endedAtMs, this.idOf(call.handler), path, runtime, level, outcome, exitCode, signal],
      ...[
        inUs(call.totalMs),
        inUs(call.runMs),
        inUs(call.cpuMs),
        memoryPeakBytes,
        pid,
        Number(call.isSwitched),
        detail,
        call.denialsTold,
      ],
      ...[event?.decision ?? null, event === undefined ? null : JSON.stringify(event.validators), event?.times ?? 1],
    );
  }

  private idOf(name: string): number {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    this.handler.run(name);
    const id = this.handlerId.get(name) as number;
    if (this.known.size >= LIMITS.handlersRememberedMax) this.forgetHandlers();
    this.known.set(name, id);
    return id;
  }
}

/** A row that breaks a rule of the table leaves the transaction as it was. */
function taken(insert: () => void): boolean {
  try {
    insert();
    return true;
  } catch (error) {
    if (troubleOf(error) !== undefined) throw error;
    return false;
  }
}

function inUs(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000);
}
