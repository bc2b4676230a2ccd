/** `supervisor restart`: a new daemon takes over from the one that runs. Nothing is stopped first unless that is asked for. */
import { LIMITS } from '../contract/limits.js';
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import { type Context, tellProblem } from './context.js';
import { down } from './down.js';
import { upDetached } from './up.js';

export async function restart(context: Context, { cold = false }: { cold?: boolean }): Promise<number> {
  if (cold) {
    const stopped = await down(context);
    return stopped === ExitCode.OK ? upDetached(context, {}) : stopped;
  }
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const asked = await daemon.value.ask('restart', {}, LIMITS.operatorAnswerTimeoutMs);
  if (!asked.ok) return asked.exitCode;
  const { restarted, pid } = asked.value;
  if (restarted === undefined) return ExitCode.INTERNAL;
  if (!restarted.ok) {
    tellProblem(context, { where: `not restarted, pid ${pid} goes on`, what: restarted.why, remedy: restarted.remedy });
    return ExitCode.UNAVAILABLE;
  }
  context.err(`supervisor: running, pid ${restarted.pid}; pid ${pid} ends with the hooks that it still runs\n`);
  return ExitCode.OK;
}
