/** `supervisor plan` and `supervisor reload`: what the files say now, against what the daemon runs by. */
import { join } from 'node:path';
import type { ReloadPlan } from '../contract/changes.js';
import type { ConfigProblem } from '../contract/config.js';
import { LIMITS } from '../contract/limits.js';
import { ExitCode } from '../contract/status.js';
import { ask, type ControlAnswer } from '../control/client.js';
import { type Context, tellProblem } from './context.js';
import { ANSWER_TIMEOUT_MS, daemonState } from './daemon-state.js';
import { renderPlan } from './render/plan.js';
import { loadSettings } from './settings.js';
import { stuckProblem } from './status.js';

/** There is something to change. */
const EXIT_CHANGES = 2;

export async function plan(context: Context, options: { json?: boolean }): Promise<number> {
  const reply = await askDaemon(context, 'plan', ANSWER_TIMEOUT_MS);
  if (typeof reply === 'number') return reply;
  const planned = reply.planned;
  if (planned === undefined) return otherVersion(context);
  if (!planned.ok) return badConfig(context, planned.problems);
  context.out(options.json === true ? `${JSON.stringify(planned.plan)}\n` : renderPlan(planned.plan, 'would'));
  return planned.plan.changes.length === 0 ? ExitCode.OK : EXIT_CHANGES;
}

export async function reload(context: Context, options: { json?: boolean }): Promise<number> {
  const reply = await askDaemon(context, 'reload', LIMITS.operatorAnswerTimeoutMs);
  if (typeof reply === 'number') return reply;
  const { reloaded } = reply;
  if (reloaded === undefined) return otherVersion(context);
  if (reloaded.ok) return taken(context, reloaded.plan, options.json === true);
  return 'problems' in reloaded ? badConfig(context, reloaded.problems) : notTaken(context, reloaded.notTaken);
}

function taken(context: Context, changed: ReloadPlan, isJson: boolean): number {
  context.out(isJson ? `${JSON.stringify(changed)}\n` : renderPlan(changed, 'did'));
  return ExitCode.OK;
}

function notTaken(context: Context, what: string): number {
  const remedy = 'correct the configuration, or see daemon.log; the daemon serves calls as before';
  tellProblem(context, { where: 'the running configuration stays', what, remedy });
  return ExitCode.UNAVAILABLE;
}

function badConfig(context: Context, problems: readonly ConfigProblem[]): number {
  for (const problem of problems) tellProblem(context, problem);
  return ExitCode.BAD_CONFIG;
}

function otherVersion(context: Context): number {
  const remedy = 'restart it: supervisor restart';
  tellProblem(context, { where: 'the daemon', what: 'is of a version that does not know this', remedy });
  return ExitCode.UNAVAILABLE;
}

type Answered = Extract<ControlAnswer, { kind: 'reply' }>['reply'] & { ok: true };

/** The answer of a daemon that is there, or the exit code once it has been told why there is none. */
async function askDaemon(context: Context, verb: 'plan' | 'reload', timeoutMs: number): Promise<Answered | number> {
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
    return otherVersion(context);
  const reason = answer.kind === 'unreachable' ? answer.reason : 'it did not answer';
  tellProblem(context, stuckProblem(runtimeFolder, state.status.pid, reason));
  return ExitCode.UNAVAILABLE;
}
