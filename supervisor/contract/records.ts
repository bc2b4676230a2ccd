/** What is kept of calls and of the daemon itself. Neither the environment of a call nor its arguments, input or output are
 *  in it: whoever reads the records learns which hook ran when, for how long, and how it ended. */
import type { CallPath, Level, Runtime } from './call.js';
import type { HappeningKind } from './happening.js';
import type { OutcomeKind } from './outcome.js';
import type { Decision, FailureCause } from './validating.js';

/** What one validator has said of an event, without its words. */
export interface SaidRecord {
  name: string;
  said: Decision | 'nothing' | 'skipped' | FailureCause;
}

/** Of an event that validators were asked about. */
export interface EventFacts {
  /** Null: none. */
  decision: Decision | null;
  validators: readonly SaidRecord[];
  /** So many events that are equal in all of this, in the second before the last of them, where many came at once. */
  times: number;
}

export interface CallRecord {
  /** Since 1970. */
  endedAtMs: number;
  /** What identifies the hook: the file it runs; '' where nothing is known of it. */
  handler: string;
  /** `direct`: refused, and left to the client. Null: refused, and nobody may run it. */
  path: CallPath | null;
  runtime: Runtime | null;
  /** Null: never decided. */
  level: Level | null;
  outcome: OutcomeKind;
  exitCode: number | null;
  signal: number | null;
  /** From the CALL to the answer; of several events of one record, the longest. */
  totalMs: number;
  /** From the order to the end of the main process; null: it never ran, or its keeper died. */
  runMs: number | null;
  cpuMs: number | null;
  memoryPeakBytes: number | null;
  pid: number | null;
  /** Above `contained`: how often its stderr has the kernel's words for a refusal. */
  denialsTold: number;
  /** Started and answered by the switchboard. */
  isSwitched: boolean;
  /** What we said of an outcome other than `answered`; ''. */
  detail: string;
  /** Of an event; a hook's call has none. */
  event?: EventFacts;
}

/** It is given its time by who keeps it. */
export type EndedEvent = Omit<CallRecord, 'endedAtMs'> & { event: EventFacts };

export type AuditKind = 'started' | HappeningKind;

/** Never dropped: it is on disk before whoever wrote it is told so. */
export interface AuditRecord {
  atMs: number;
  what: AuditKind;
  about: string;
}

/** `off`: not wanted. `opening`: not tried yet. `failing`: tried again and again; what comes meanwhile waits.
 *  `unavailable`: not before the next start. */
export type StoreState = 'off' | 'opening' | 'on' | 'failing' | 'unavailable';

export interface StoreStatus {
  state: StoreState;
  /** '' where it is off. */
  file: string;
  /** Why it fails or is unavailable; ''. */
  reason: string;
  written: number;
  waiting: number;
  /** Calls that found the queue full. */
  dropped: number;
  /** Rows that the database would not take. */
  bad: number;
}
