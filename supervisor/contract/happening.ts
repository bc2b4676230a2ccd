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

/** Every kind of happening. */
export const HAPPENING_KINDS = {
  ready: INFO,
  stopping: INFO,
  reloaded: { severity: 'info', isAudited: true },
  notReloaded: WARN,
  replaced: { severity: 'info', isAudited: true },
  notReplaced: WARN,
  degraded: WARN,
  startFailed: WARN,
  keeperEnded: { severity: 'warn', isAudited: true },
  protocolBroken: WARN,
  quarantined: { severity: 'warn', isAudited: true },
  recycled: INFO,
  retried: WARN,
  poisoned: { severity: 'warn', isAudited: true },
  probing: INFO,
  released: { severity: 'info', isAudited: true },
  straysKilled: WARN,
  drained: { severity: 'info', isAudited: true },
  scaled: INFO,
  slow: WARN,
  kicked: { severity: 'warn', isAudited: true },
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
