/** One question to a daemon that should be there. */
import { join } from 'node:path';
import { ExitCode } from '../contract/status.js';
import { ask, type ControlAnswer } from '../control/client.js';
import { type Context, tellProblem } from './context.js';
import { daemonState } from './daemon-state.js';
import { loadSettings } from './settings.js';
import { stuckProblem } from './status.js';

export function otherVersion(context: Context, command: string): number {
  const remedy = `start it anew with this version: ${command}`;
  tellProblem(context, { where: 'the daemon', what: 'is of a version that does not know this', remedy });
  return ExitCode.UNAVAILABLE;
}

type Answered = Extract<ControlAnswer, { kind: 'reply' }>['reply'] & { ok: true };

/** The answer of a daemon that is there, or the exit code once it has been told why there is none. */
export async function askDaemon(
  context: Context,
  verb: Parameters<typeof ask>[1],
  timeoutMs: number,
): Promise<Answered | number> {
  const settings = loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const { runtimeFolder } = settings.config;
  const state = await daemonState(runtimeFolder, context.uid);
  switch (state.kind) {
    case 'stopped':
      context.err('supervisor: not running\n');
      return ExitCode.NOT_RUNNING;
    case 'refused':
      tellProblem(context, state.problem);
      return ExitCode.NO_PERMISSION;
    case 'stuck':
      tellProblem(context, stuckProblem(runtimeFolder, state.pid, state.reason));
      return ExitCode.UNAVAILABLE;
    case 'running':
  }
  const answer = await ask(join(runtimeFolder, 'control.sock'), verb, timeoutMs);
  if (answer.kind === 'reply' && answer.reply.ok) return answer.reply;
  if (answer.kind === 'reply' && !answer.reply.ok && answer.reply.error.code === 'unknownVerb')
    return otherVersion(context, 'supervisor restart --cold');
  const reason = answer.kind === 'unreachable' ? answer.reason : 'it did not answer';
  tellProblem(context, stuckProblem(runtimeFolder, state.status.pid, reason));
  return ExitCode.UNAVAILABLE;
}
