/** What became of a task, and what the client is to become. One table for the whole product. */
import type { CallPath, Level, Runtime } from './call.js';

/** `totalMemory`: killed for memory while below its own limit, since all tasks together, or the host, had none left. */
export type LimitKind = 'memory' | 'pids' | 'output' | 'cpu' | 'totalMemory';

export type Outcome =
  | { kind: 'answered'; exitCode: number; signal: number }
  | { kind: 'refused'; code: number; message: string }
  | { kind: 'timedOut'; afterMs: number }
  | { kind: 'crashed'; message: string }
  | { kind: 'limitHit'; limit: LimitKind; limitValue: number }
  | { kind: 'cancelled'; signal: number };

export const OUTCOME_KINDS = ['answered', 'refused', 'timedOut', 'crashed', 'limitHit', 'cancelled'] as const;
export type OutcomeKind = (typeof OUTCOME_KINDS)[number];

/** Number of each kind in wire.h. */
export const OUTCOME_CODE: Record<OutcomeKind, number> = {
  answered: 0,
  refused: 1,
  timedOut: 2,
  crashed: 3,
  limitHit: 4,
  cancelled: 5,
};
export const LIMIT_CODE: Record<LimitKind, number> = { memory: 1, pids: 2, output: 3, cpu: 4, totalMemory: 5 };

/** With a cgroup leaf these are figures of the whole tree; without one, of the main process and the children it waited for. */
export interface TaskUsage {
  /** 0: not known. */
  memoryPeakBytes: number;
  cpuMs: number;
  /** Held back by a CPU quota for so long. */
  throttledMs: number;
  /** Processes that the memory limit ended. */
  oomKills: number;
  /** Forks that the process limit refused. */
  pidsMaxHits: number;
  /** Above `contained`: how often its stderr has the kernel's words for a refusal. One that is silent is not counted. */
  denialsTold: number;
}

/** Where and by what a call was run; one line of `--explain`. */
export interface Explanation {
  path: CallPath;
  runtime: Runtime | null;
  pid: number | null;
  slot: number | null;
  generation: number | null;
  outcome: OutcomeKind;
  milliseconds: number;
  level: Level;
  /** Layers proved active for this task. */
  enforced: readonly string[];
  /** What the task used, whatever became of it; null where none ran. */
  usage: TaskUsage | null;
  /** Why it did not take a faster path; '' where it did. */
  why: string;
}

export interface ClientEnd {
  exitCode: number;
  signal: number;
  /** One line for stderr with its newline; '' for an answered call (nothing is added to an answer). */
  message: string;
  /** No process has begun the hook. No client is told. */
  isUnstarted?: boolean;
}

/** The outcome table. `exitCodeOnFailure`: 2 where the handler is marked blocking, else 1. */
export function clientEnd(outcome: Outcome, exitCodeOnFailure: 1 | 2): ClientEnd {
  switch (outcome.kind) {
    case 'answered':
      return { exitCode: outcome.exitCode, signal: outcome.signal, message: '' };
    case 'cancelled':
      return { exitCode: 0, signal: outcome.signal, message: '' };
    case 'timedOut':
      return failed(exitCodeOnFailure, `hook stopped: no end within ${outcome.afterMs} ms`);
    case 'limitHit':
      return failed(exitCodeOnFailure, limitText(outcome.limit, outcome.limitValue));
    case 'crashed':
      return failed(exitCodeOnFailure, outcome.message);
    case 'refused':
      return failed(exitCodeOnFailure, outcome.message);
    default:
      return unreachable(outcome);
  }
}

/** @param value 0: nobody has set that limit. */
function limitText(limit: LimitKind, value: number): string {
  if (limit === 'cpu') return `hook stopped: ${value} ms of CPU time used up`;
  if (limit === 'totalMemory')
    return `hook stopped: no memory left for all hooks together${value === 0 ? '' : `, limit of ${value}`}`;
  return `hook stopped: ${limit} limit of ${value} reached`;
}

function failed(exitCode: number, text: string): ClientEnd {
  return { exitCode, signal: 0, message: `hook-supervisor: ${text}\n` };
}

export function unreachable(value: never): never {
  throw new Error(`impossible value ${JSON.stringify(value)}`);
}
