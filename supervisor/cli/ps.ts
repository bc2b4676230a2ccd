/** `supervisor ps`: one line for each process of the daemon. */
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import type { Context } from './context.js';
import { measured, processRows } from './processes.js';
import { renderProcesses } from './render/processes.js';

export async function ps(context: Context, options: { json?: boolean }): Promise<number> {
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const status = await daemon.value.status();
  if (!status.ok) return status.exitCode;
  const processes = await measured(processRows(status.value));
  if (options.json) context.out(`${JSON.stringify({ schema: 'supervisor.ps/v1', processes }, null, 2)}\n`);
  else context.out(`${renderProcesses(processes, context.screen).join('\n')}\n`);
  return ExitCode.OK;
}
