/** What words of the command line may be. Apart from the verbs themselves, which are loaded when one is called: all of them
 *  take several times as long to load as the daemon takes to answer. */
export const DB_ACTIONS = ['check', 'vacuum', 'export'] as const;
export type DbAction = (typeof DB_ACTIONS)[number];

/** What stands there is a pool, or a pool or one of its workers. */
export const NAME_KINDS = ['pools', 'workers'] as const;
export type NameKind = (typeof NAME_KINDS)[number];

export const RECORD_ACTIONS = ['on', 'off', 'status'] as const;
export type RecordAction = (typeof RECORD_ACTIONS)[number];

/** Before the name of a profile. */
export const PROFILE_SET = 'set';

export const CACHE_ACTIONS = ['stats', 'clear'] as const;
export type CacheAction = (typeof CACHE_ACTIONS)[number];

/** By what the calls of a recording are run. */
export const AGAINST = ['supervised', 'direct'] as const;
export type Against = (typeof AGAINST)[number];

const INTERVAL_MIN_SECONDS = 0.1;
const INTERVAL_MAX_SECONDS = 86_400;

/** Undefined where the words are no interval. */
export function intervalMsOf(seconds: string): number | undefined {
  const number = /^\d+(\.\d+)?$/.test(seconds) ? Number(seconds) : Number.NaN;
  return number >= INTERVAL_MIN_SECONDS && number <= INTERVAL_MAX_SECONDS ? Math.round(number * 1000) : undefined;
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `2h`, `7d` before `nowMs`, or a date as ISO 8601 has it. */
export function momentOf(text: string, nowMs: number): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  const isDate = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  const atMs = isDate ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
