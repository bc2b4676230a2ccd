/** `supervisor plan` and `supervisor reload`: what the files say now, against what the daemon runs by. */
import type { Reloaded, ReloadPlan } from '../contract/changes.js';
import type { ConfigProblem } from '../contract/config.js';
import { LIMITS } from '../contract/limits.js';
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import { type Context, tellProblem } from './context.js';
import { renderPlan } from './render/plan.js';

/** There is something to change. */
const EXIT_CHANGES = 2;

export async function plan(context: Context, options: { json?: boolean }): Promise<number> {
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const asked = await daemon.value.ask('plan');
  if (!asked.ok) return asked.exitCode;
  const { planned } = asked.value;
  if (planned === undefined) return ExitCode.INTERNAL;
  if (!planned.ok) return badConfig(context, planned.problems);
  context.out(options.json === true ? `${JSON.stringify(planned.plan)}\n` : renderPlan(planned.plan, 'would'));
  return planned.plan.changes.length === 0 ? ExitCode.OK : EXIT_CHANGES;
}

export async function reload(context: Context, options: { json?: boolean }): Promise<number> {
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const asked = await daemon.value.ask('reload', {}, LIMITS.operatorAnswerTimeoutMs);
  if (!asked.ok) return asked.exitCode;
  return tellReloaded(context, asked.value.reloaded, options.json === true);
}

/** @param reloaded undefined: the answer held none. */
export function tellReloaded(context: Context, reloaded: Reloaded | undefined, isJson: boolean): number {
  if (reloaded === undefined) return ExitCode.INTERNAL;
  if (reloaded.ok) return taken(context, reloaded.plan, isJson);
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
