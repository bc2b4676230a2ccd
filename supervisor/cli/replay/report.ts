/** What came of a replay, in figures. Pure. */
import type { CallPath } from '../../contract/call.js';
import { percentile } from '../percentile.js';
import type { Against } from '../words.js';
import type { Difference } from './compare.js';
import type { Result } from './send.js';

export interface Latency {
  p50Ms: number | null;
  p99Ms: number | null;
}

/** The shape of `supervisor replay --json`. */
export interface ReplayReport {
  schema: 'supervisor.replay/v1';
  file: string;
  against: Against;
  calls: number;
  sent: number;
  same: number;
  byPath: Partial<Record<CallPath, number>>;
  /** Not sent, and why, with how many there are of each. */
  left: Record<string, number>;
  /** Ctrl-C: the rest was not sent. */
  isInterrupted: boolean;
  /** Of the calls that have answered. */
  recorded: Latency;
  now: Latency;
  different: {
    call: number;
    command: string[];
    /** Secrets were masked in what it was given: it was given something else. */
    isInputMasked: boolean;
    differences: Difference[];
    /** It has not answered; ''. */
    failed: string;
  }[];
}

export function reportOf(
  of: Pick<ReplayReport, 'file' | 'against' | 'calls' | 'isInterrupted'>,
  whysLeft: readonly string[],
  results: readonly Result[],
): ReplayReport {
  const answered = results.flatMap((result) => (result.kind === 'failed' ? [] : [result]));
  return {
    schema: 'supervisor.replay/v1',
    ...of,
    sent: results.length,
    same: results.filter(({ kind }) => kind === 'same').length,
    byPath: countOf(answered.map(({ path }) => path)),
    left: countOf(whysLeft),
    recorded: latencyOf(answered.map(({ call }) => call.ms)),
    now: latencyOf(answered.map(({ ms }) => ms)),
    different: results.flatMap((result) => (result.kind === 'same' ? [] : [differentOf(result)])),
  };
}

function differentOf(result: Result): ReplayReport['different'][number] {
  const { number, call } = result;
  return {
    call: number,
    command: call.argv.map((word) => (typeof word === 'string' ? word : '')),
    isInputMasked: call.stdin.masked > 0,
    differences: result.kind === 'failed' ? [] : result.differences,
    failed: result.kind === 'failed' ? result.why : '',
  };
}

function countOf<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  const counts = {} as Record<Key, number>;
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

function latencyOf(timesMs: readonly number[]): Latency {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}
