/** Calls of a recording, sent again: so many at a time, in their order. */
import { join } from 'node:path';
import type { CallPath, Level } from '../../contract/call.js';
import { LIMITS } from '../../contract/limits.js';
import type { RecordedCall } from '../../contract/recording.js';
import { bytesOfKept } from '../../recording/line.js';
import { clientWords, takeExplanation } from '../client-command.js';
import { type HookRun, runHook } from '../hook-run.js';
import type { Against } from '../words.js';
import { type Difference, differences } from './compare.js';
import { environmentOf, textOf } from './sendable.js';

/** A call of the recording, by its number there from 1 on. */
export interface NumberedCall {
  number: number;
  call: RecordedCall;
}

export type Result = NumberedCall &
  (
    | { kind: 'same' | 'differs'; differences: Difference[]; ms: number; path: CallPath }
    /** It has not answered. */
    | { kind: 'failed'; why: string }
  );

export interface Sending {
  against: Against;
  level: Level | undefined;
  jobs: number;
  client: string;
  env: NodeJS.ProcessEnv;
  /** Where the client may write its accounts. */
  folder: string;
  interrupt: AbortSignal;
  progress(done: number, different: number): void;
}

/** Those that were sent, in their order; after an interrupt the rest is missing. */
export async function sendAll(calls: readonly NumberedCall[], sending: Sending): Promise<Result[]> {
  const results: Result[] = [];
  const left = calls.values();
  let different = 0;
  const work = async () => {
    for (const one of left) {
      const result = await sendOne(one, sending);
      if (sending.interrupt.aborted) return;
      results.push(result);
      if (result.kind !== 'same') different++;
      sending.progress(results.length, different);
    }
  };
  await Promise.all(Array.from({ length: sending.jobs }, work));
  return results.sort((a, b) => a.number - b.number);
}

async function sendOne(numbered: NumberedCall, sending: Sending): Promise<Result> {
  const { call, number } = numbered;
  const explainFile = join(sending.folder, String(number));
  const { isMerged, timeoutMs } = call;
  const run = await runHook(
    {
      argv: wordsOf(call, explainFile, sending),
      cwd: textOf(call.cwd),
      env: environmentOf(call, sending.env),
      stdin: bytesOfKept(call.stdin.content),
      isMerged,
      // The daemon's own deadline comes first.
      timeoutMs: sending.against === 'direct' && timeoutMs > 0 ? timeoutMs : LIMITS.answerTakeTimeoutMs,
    },
    sending.interrupt,
  );
  const explained = takeExplanation(explainFile);
  if (run.kind !== 'ended') return { ...numbered, kind: 'failed', why: whyNot(run) };
  const outcome = explained?.outcome ?? 'answered';
  if (outcome !== 'answered') return { ...numbered, kind: 'failed', why: `${outcome}: ${lastLine(run)}` };
  const found = differences(call, run);
  const path = sending.against === 'direct' ? 'direct' : (explained?.path ?? 'direct');
  // What the daemon says of both is alike; what a direct run takes is measured from outside.
  const ms = path === 'direct' || explained === undefined ? run.wallMs : explained.milliseconds;
  return { ...numbered, kind: found.length === 0 ? 'same' : 'differs', differences: found, ms, path };
}

function wordsOf(call: RecordedCall, explainFile: string, { against, client, level }: Sending): string[] {
  const argv = call.argv.map(textOf);
  if (against === 'direct') return argv;
  const { isShellText, isBlocking, levelAsked, timeoutMs } = call;
  const wishes = { argv, isShellText, isBlocking, level: level ?? levelAsked, timeoutMs, explainFile };
  return clientWords(client, wishes);
}

function whyNot(run: Exclude<HookRun, { kind: 'ended' }>): string {
  if (run.kind === 'notStarted') return run.why;
  return run.why === 'time' ? 'it did not end in time' : 'interrupted';
}

/** Of what the client has said. */
function lastLine({ stderr }: Extract<HookRun, { kind: 'ended' }>): string {
  return Buffer.from(stderr.bytes).toString().trimEnd().split('\n').at(-1) ?? '';
}
