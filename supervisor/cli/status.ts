/** `supervisor status`: data on stdout, talk on stderr, the exit code says the state. */
import { ExitCode, type RunningStatus, type StoppedStatus } from '../contract/status.js';
import type { Context } from './context.js';
import { tellProblem } from './context.js';
import { daemonState } from './daemon-state.js';
import { loadSettings } from './settings.js';

export const STOPPED: StoppedStatus = { schema: 'supervisor.status/v1', running: false };

export async function status(context: Context, options: { json?: boolean }): Promise<number> {
  const settings = await loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const { runtimeFolder } = settings.config;
  const state = await daemonState(runtimeFolder, context.uid);
  switch (state.kind) {
    case 'running':
      context.out(options.json ? `${JSON.stringify(state.status, null, 2)}\n` : await forPeople(state.status, context));
      return ExitCode.OK;
    case 'stopped':
      context.out(options.json ? `${JSON.stringify(STOPPED, null, 2)}\n` : 'not running\n');
      if (!options.json) context.err(`  start it with: supervisor up -d   (looked in ${runtimeFolder})\n`);
      return ExitCode.NOT_RUNNING;
    case 'stuck':
      tellProblem(context, stuckProblem(runtimeFolder, state.pid, state.reason));
      return ExitCode.UNAVAILABLE;
    case 'refused':
      tellProblem(context, state.problem);
      return ExitCode.NO_PERMISSION;
  }
}

async function forPeople(status: RunningStatus, { screen }: Context): Promise<string> {
  const { renderStatus } = await import('./render/status.js');
  return renderStatus(status, screen);
}

export function stuckProblem(where: string, pid: number | undefined, reason: string) {
  const who = pid === undefined ? 'a daemon' : `the daemon, pid ${pid},`;
  return { where, what: `${who} is there but does not answer: ${reason}`, remedy: 'end it with: supervisor down' };
}
