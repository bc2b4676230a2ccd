/** How a hook did, from the records: they name it by the file that it runs, or by a digest of its words. */
import { basename } from 'node:path';
import type { AgentFile } from '../agents/agent.js';
import type { ListedHook } from '../agents/listing.js';
import type { Level } from '../contract/call.js';
import type { CallRecord } from '../contract/records.js';
import { isSystems } from '../policy/called-files.js';
import { withDigest } from '../policy/digest.js';
import { bytesOf, textOf } from '../policy/paths.js';
import { callsOf } from '../store/query.js';
import type { Database } from '../store/sqlite.js';
import { simpleCommands } from './doctor/hooks/shell-text.js';
import { findOnPath, realpathOf } from './doctor/search-path.js';
import type { StartedHook } from './hook-files.js';
import { percentile } from './percentile.js';

const CALLS_MAX = 1_000;
const LAST_SHOWN = 5;
const INTERPRETER = /^(python|node|ruby|perl|php|bun|deno|(ba|da|z|k)?sh)/;

export interface HookRecord {
  calls: number;
  /** Of calls that were answered; null where none was. */
  p50Ms: number | null;
  p99Ms: number | null;
  /** The newest first: the exit code of an answer, else the outcome. */
  last: string[];
  /** Calls whose hook said on stderr that it was refused something; of those at `contained` nothing is known. */
  denied: number;
}

/** Of `hooks` in supervisor.hooks/v1. */
export interface HookReport extends Omit<ListedHook, 'level'> {
  agent: string;
  scope: AgentFile['scope'];
  file: string;
  /** While a daemon runs: of flag and configuration the stricter. Null: it does not go through the supervisor. */
  level: Level | null;
  record: HookRecord | null;
}

/** Undefined: nothing is recorded of it. */
export function recordOf(db: Database, names: readonly string[]): HookRecord | undefined {
  const calls = callsOf(db, names, CALLS_MAX);
  if (calls.length === 0) return undefined;
  const answered = calls.filter(({ outcome }) => outcome === 'answered');
  const timesMs = answered.map(({ totalMs }) => totalMs).sort((a, b) => a - b);
  const denied = calls.filter(({ denialsTold }) => denialsTold > 0).length;
  const [p50Ms, p99Ms] = [percentile(timesMs, 0.5), percentile(timesMs, 0.99)];
  return { calls: calls.length, p50Ms, p99Ms, last: calls.slice(0, LAST_SHOWN).map(endOf), denied };
}

function endOf({ outcome, exitCode, signal }: CallRecord): string {
  if (outcome !== 'answered') return outcome;
  return signal === null ? String(exitCode ?? '-') : `signal ${signal}`;
}

/** The names that the daemon may give to its calls. */
export function recordNames(
  { command, args, files, names }: StartedHook,
  shell: string | undefined,
  searchPath: string,
): string[] {
  const commands = args === undefined ? simpleCommands(command) : [[command, ...args]];
  const programs = commands.flatMap(([program = '', ...words]) =>
    placesOf(program, searchPath).map((place) => (isNamedAlone(place) ? place : withDigest(place, words.map(bytesOf)))),
  );
  const text = args === undefined ? ['-c', bytesOf(command)] : undefined;
  const shells =
    text === undefined ? [] : placesOf(shell ?? '/bin/sh', searchPath).map((place) => withDigest(place, text));
  return [...new Set([...files, ...names, ...programs, ...shells])].map(textOf);
}

/** The records have a program of the user's own by its path alone. Not so where it is an interpreter, as a version manager
 *  has them: that would be every hook that it runs. */
function isNamedAlone(place: string): boolean {
  return !isSystems(place) && !INTERPRETER.test(basename(place));
}

/** A program by its name, and where links lead. */
function placesOf(program: string, searchPath: string): string[] {
  const found = program === basename(program) ? findOnPath(searchPath, program).slice(0, 1) : [program];
  return found.flatMap((place) => [place, realpathOf(place)]);
}
