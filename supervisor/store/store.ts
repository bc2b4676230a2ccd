/** Records of calls and of the daemon: taken at once, written later, in a thread of their own. An answer never waits for
 *  them, and without them everything else works. */
import { join } from 'node:path';
import type { Shelf } from '../contract/caching.js';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import { LIMITS } from '../contract/limits.js';
import type { AuditKind, CallRecord, EndedEvent, StoreStatus } from '../contract/records.js';
import type { Degraded } from '../contract/status.js';
import { Batches } from './batches.js';
import { storeDegraded } from './degraded.js';
import { RECORDS_FILE } from './file.js';
import { Folding } from './folding.js';
import { NO_SHELF, WaitingShelf } from './shelf.js';
import type { WriterThread } from './thread.js';
import type { WriterReply, WriterSettings } from './writer.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface Store {
  /** @param agoMs how long ago it ended. */
  call(record: Omit<CallRecord, 'endedAtMs'>, agoMs?: number): void;
  /** Of an event. A deny is not lost; of others, many at a time share a record. */
  event(record: EndedEvent): void;
  /** @returns true once it is on disk. */
  audit(what: AuditKind, about: string): Promise<boolean>;
  status(): StoreStatus;
  degraded(): Degraded[];
  /** What outlives the daemon beside the records. */
  readonly shelf: Shelf;
  /** Writes what waits, within a bound. */
  close(): Promise<void>;
}

export interface StoreRooms {
  clock: Clock;
  /** Since 1970. */
  wallMs(): number;
  config: Pick<Config, 'records' | 'stateFolder'>;
  startThread(settings: WriterSettings): WriterThread;
  /** For the log. */
  told(problem: string): void;
}

export function openStore(rooms: StoreRooms): Store {
  const { records, stateFolder } = rooms.config;
  return records.on ? new OpenStore(rooms, join(stateFolder, RECORDS_FILE)) : OFF;
}

const OFF: Store = {
  call() {},
  event() {},
  audit: async () => false,
  status: () => ({ state: 'off', file: '', reason: '', written: 0, waiting: 0, dropped: 0, bad: 0 }),
  degraded: () => [],
  shelf: NO_SHELF,
  close: async () => {},
};

class OpenStore implements Store {
  readonly shelf: WaitingShelf;
  private readonly thread: WriterThread;
  private readonly batches: Batches;
  private readonly folding: Folding;
  private last: WriterReply | undefined;
  private movedAside: string | undefined;

  constructor(
    private readonly rooms: StoreRooms,
    private readonly file: string,
  ) {
    const { ageMaxDays, sizeMaxBytes, batchRows, batchDelayMs } = rooms.config.records;
    this.thread = rooms.startThread({ file, ageMaxMs: ageMaxDays * DAY_MS, sizeMaxBytes });
    this.batches = new Batches(
      rooms.clock,
      { rowsMax: batchRows, delayMs: batchDelayMs },
      (batch) => this.thread.write(batch, rooms.wallMs()),
      (reply) => this.onReply(reply),
    );
    this.folding = new Folding(rooms.clock, (event, isKept) => {
      const record = { ...event, endedAtMs: Math.round(rooms.wallMs()) };
      if (isKept) this.batches.keep(record);
      else this.batches.call(record);
    });
    this.shelf = new WaitingShelf(rooms.clock, rooms.wallMs, this.thread);
  }

  call(record: Omit<CallRecord, 'endedAtMs'>, agoMs = 0): void {
    this.batches.call({ ...record, endedAtMs: Math.round(this.rooms.wallMs() - agoMs) });
  }

  event(record: EndedEvent): void {
    this.folding.add(record);
  }

  audit(what: AuditKind, about: string): Promise<boolean> {
    const text = about.slice(0, LIMITS.loggedTextMaxCharacters);
    return this.batches.audit({ atMs: Math.round(this.rooms.wallMs()), what, about: text });
  }

  status(): StoreStatus {
    const { file, batches } = this;
    return { ...this.state(), file, ...batches.counts, waiting: batches.waiting };
  }

  degraded(): Degraded[] {
    const remedy = this.last?.kind === 'unusable' ? this.last.remedy : undefined;
    return storeDegraded(this.status(), remedy, this.movedAside);
  }

  async close(): Promise<void> {
    this.folding.flush();
    const written = Promise.all([this.batches.drained(), this.shelf.drained()]).then(() => this.thread.close());
    const isTooLate = new Promise<void>((done) => void this.rooms.clock.after(LIMITS.recordsCloseBudgetMs, done));
    await Promise.race([written, isTooLate]);
  }

  private state(): Pick<StoreStatus, 'state' | 'reason'> {
    const { last, batches } = this;
    if (last?.kind === 'unusable') return { state: 'unavailable', reason: last.reason };
    if (batches.busyMs > LIMITS.recordsSlowMs) {
      const seconds = Math.round(batches.busyMs / 1000);
      return { state: 'failing', reason: `the disk has not taken the last batch for ${seconds} s` };
    }
    if (last === undefined) return { state: 'opening', reason: '' };
    return last.kind === 'written' ? { state: 'on', reason: '' } : { state: 'failing', reason: troubleText(last) };
  }

  private onReply(reply: WriterReply): void {
    const before = this.last;
    this.last = reply;
    if (reply.kind === 'unusable') {
      this.shelf.stop();
      void this.thread.close();
    }
    if (reply.kind === 'written') {
      if (before?.kind === 'trouble') this.rooms.told('records are written again');
      if (reply.movedAside === undefined) return;
      this.movedAside = reply.movedAside;
      this.rooms.told(`the records were damaged and lie in ${reply.movedAside} now; new ones are begun`);
    } else if (before?.kind !== reply.kind) {
      this.rooms.told(`records are not written: ${reply.kind === 'trouble' ? troubleText(reply) : reply.reason}`);
    }
  }
}

function troubleText({ trouble, reason }: Extract<WriterReply, { kind: 'trouble' }>): string {
  return trouble === 'full' ? 'the disk is full' : reason;
}
