/** `supervisor metrics`: for a collector that reads a file or a command's output; nothing listens for it. */
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import type { Context } from './context.js';
import { renderMetrics } from './render/metrics.js';

export async function metrics(context: Context): Promise<number> {
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const status = await daemon.value.status();
  if (!status.ok) return status.exitCode;
  context.out(renderMetrics(status.value));
  return ExitCode.OK;
}
