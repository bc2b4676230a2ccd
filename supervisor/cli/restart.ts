/** `supervisor restart`: a new daemon takes over from the one that runs. Nothing is stopped first unless that is asked for. */
import { LIMITS } from '../contract/limits.js';
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import { type Context, tellProblem } from './context.js';
import { down } from './down.js';
import { upDetached } from './up.js';

/** A hook with `--autostart` or a service manager may start a daemon in between, by its own environment. */
const COLD_TRIES_MAX = 4;

export async function restartCold(stop: () => Promise<number>, start: () => Promise<number>): Promise<number> {
  let started: number = ExitCode.ALREADY_RUNNING;
  for (let tries = 0; tries < COLD_TRIES_MAX && started === ExitCode.ALREADY_RUNNING; tries++) {
    const stopped = await stop();
    if (stopped !== ExitCode.OK) return stopped;
    started = await start();
  }
  return started;
}

export async function restart(context: Context, { cold = false }: { cold?: boolean }): Promise<number> {
  if (cold)
    return restartCold(
      () => down(context),
      () => upDetached(context, {}),
    );
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const asked = await daemon.value.ask('restart', {}, LIMITS.operatorAnswerTimeoutMs);
  if (!asked.ok) return asked.exitCode;
  const { restarted, pid } = asked.value;
  if (restarted === undefined) return ExitCode.INTERNAL;
  if (!restarted.ok) {
    tellProblem(context, { where: `not restarted, pid ${pid}`, what: restarted.why, remedy: restarted.remedy });
    return ExitCode.UNAVAILABLE;
  }
  context.err(`supervisor: running, pid ${restarted.pid}; pid ${pid} ends with the hooks that it still runs\n`);
  return ExitCode.OK;
}
