/** One hook at one level: its answer, what it used, what it was denied, or why the level cannot be had. */
import { join } from 'node:path';
import type { CallPath, Level } from '../../contract/call.js';
import { LIMITS } from '../../contract/limits.js';
import type { OutcomeKind, TaskUsage } from '../../contract/outcome.js';
import { clientWords, takeExplanation } from '../client-command.js';
import { type HookRun, runHook } from '../hook-run.js';
import { denials } from './denials.js';

export interface TriedHook {
  argv: readonly string[];
  isShellText: boolean;
  stdin: Uint8Array;
  cwd: string;
  env: NodeJS.ProcessEnv;
  client: string;
  /** Where the client may write its account. */
  folder: string;
  interrupt: AbortSignal;
}

/** Of `levels` in supervisor.test/v1. */
export type LevelTrial =
  | {
      asked: Level;
      ran: true;
      /** Stricter than asked where the configuration says so. */
      level: Level;
      outcome: OutcomeKind;
      exitCode: number;
      signal: number;
      stdout: string;
      stderr: string;
      milliseconds: number;
      path: CallPath;
      usage: TaskUsage | null;
      enforced: readonly string[];
      denied: string[];
    }
  | { asked: Level; ran: false; why: string };

export type Ran = Extract<LevelTrial, { ran: true }>;

/** @param unconfined its trial at `contained`, if there was one. */
export async function tryLevel(asked: Level, hook: TriedHook, unconfined: Ran | undefined): Promise<LevelTrial> {
  const explainFile = join(hook.folder, asked);
  // Where nobody serves it there is nothing to be learned from a direct run.
  const wishes = { ...hook, level: asked, isBlocking: true, timeoutMs: 0, explainFile };
  const argv = clientWords(hook.client, wishes);
  const run = await runHook({ ...hook, argv, isMerged: false, timeoutMs: LIMITS.answerTakeTimeoutMs }, hook.interrupt);
  const explained = takeExplanation(explainFile);
  if (run.kind !== 'ended') return { asked, ran: false, why: whyNot(run) };
  if (explained === undefined) return { asked, ran: false, why: 'the client gave no account' };
  const { outcome, path, level, usage, enforced, milliseconds, why } = explained;
  if (outcome === 'refused') return { asked, ran: false, why };
  const [stdout, stderr] = [run.stdout, run.stderr].map(({ bytes }) => Buffer.from(bytes).toString()) as [
    string,
    string,
  ];
  const usual = unconfined === undefined ? '' : `${unconfined.stdout}\n${unconfined.stderr}`;
  const denied = level === 'contained' ? denials('', '', usage) : denials(`${stdout}\n${stderr}`, usual, usage);
  const { exitCode, signal } = run;
  const answer = { outcome, exitCode, signal, stdout, stderr };
  return { asked, ran: true, level, ...answer, milliseconds, path, usage, enforced, denied };
}

function whyNot(run: Exclude<HookRun, { kind: 'ended' }>): string {
  if (run.kind === 'notStarted') return `the client cannot be started (${run.why})`;
  return run.why === 'time' ? 'it did not end in time' : 'interrupted';
}
