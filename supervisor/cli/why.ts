/** `supervisor why POOL`: the chain of causes in words. */
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import type { Context } from './context.js';
import { detailOf } from './pool-status.js';
import { reasonsOf } from './reasons.js';
import { renderReasons } from './render/reasons.js';

export async function why(context: Context, word: string, options: { json?: boolean }): Promise<number> {
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const asked = await detailOf(daemon.value, word);
  if (!asked.ok) return asked.exitCode;
  const detail = asked.value;
  const reasons = reasonsOf(detail);
  if (options.json) {
    const { pool, happenings } = detail;
    const shown = {
      schema: 'supervisor.why/v1',
      pool: pool.id,
      state: pool.state,
      ...reasons,
      nextStartInMs: pool.nextStartInMs,
      deaths: pool.deaths,
      happenings,
    };
    context.out(`${JSON.stringify(shown, null, 2)}\n`);
  } else context.out(renderReasons(detail, reasons, context.screen));
  return ExitCode.OK;
}
