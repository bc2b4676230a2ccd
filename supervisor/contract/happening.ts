/** What the supervisor itself has seen, decided or done: one happening, told once, to the log, to whoever follows
 *  `supervisor events`, and, where the table says so, to the records. Nothing of a call's input, output, arguments or
 *  environment is in it. */

/** How loud it is, and whether it is kept in the database. */
interface KindFacts {
  severity: 'info' | 'warn';
  isAudited: boolean;
}

const INFO: KindFacts = { severity: 'info', isAudited: false };
const WARN: KindFacts = { severity: 'warn', isAudited: false };
const KEPT_INFO: KindFacts = { ...INFO, isAudited: true };
const KEPT_WARN: KindFacts = { ...WARN, isAudited: true };

/** Every kind of happening. */
export const HAPPENING_KINDS = {
  ready: INFO,
  stopping: INFO,
  reloaded: KEPT_INFO,
  notReloaded: WARN,
  replaced: KEPT_INFO,
  notReplaced: WARN,
  degraded: WARN,
  startFailed: WARN,
  keeperEnded: KEPT_WARN,
  protocolBroken: WARN,
  quarantined: KEPT_WARN,
  recycled: INFO,
  retried: WARN,
  poisoned: KEPT_WARN,
  probing: INFO,
  released: KEPT_INFO,
  straysKilled: WARN,
  drained: KEPT_INFO,
  scaled: INFO,
  slow: WARN,
  denied: KEPT_WARN,
  kicked: KEPT_WARN,
  breaker: KEPT_WARN,
  cacheCleared: KEPT_INFO,
  profileChanged: KEPT_INFO,
  validatorDied: WARN,
  stage: WARN,
  eventFromInside: WARN,
  analysisDropped: KEPT_WARN,
  analysisUndurable: WARN,
  recordingBegun: KEPT_INFO,
  recordingDropped: WARN,
  recordingEnded: KEPT_INFO,
} as const satisfies Record<string, KindFacts>;

export type HappeningKind = keyof typeof HAPPENING_KINDS;

export interface Happening {
  kind: HappeningKind;
  /** The pool that it is about. */
  pool?: string;
  /** In words, for people. */
  about: string;
  /** What the decision was made of, with units in the names. */
  inputs?: Readonly<Record<string, string | number | boolean | null>>;
}

/** As it is kept and shown. */
export interface ToldHappening extends Happening {
  /** Counts up from 1 over the life of the daemon. */
  seq: number;
  /** Since 1970. */
  atMs: number;
}

export type Tell = (happening: Happening) => void;
