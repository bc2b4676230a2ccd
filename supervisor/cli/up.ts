/** `supervisor up -d`: returns 0 only once a real call has been answered by a worker; otherwise nothing is left behind.
 *  Without -d the daemon runs in the calling process, which bin/supervisor sees to. */
import type { ConfigFlags } from '../config/load.js';
import { checkRuntimeFolder } from '../config/runtime-folder.js';
import { ExitCode } from '../contract/status.js';
import { type Context, tellProblem } from './context.js';
import { daemonState } from './daemon-state.js';
import { type Daemon, failedStart, startDaemon } from './detached-daemon.js';
import { loadSettings } from './settings.js';
import { stuckProblem } from './status.js';
import { tryCall } from './try-call.js';

const START_BUDGET_MS = 10_000;

export async function upDetached(context: Context, flags: ConfigFlags): Promise<number> {
  const settings = await loadSettings(context, flags);
  if (!settings.ok) return settings.exitCode;
  for (const note of settings.notes) context.err(`supervisor: note: ${note}\n`);
  const { runtimeFolder, stateFolder } = settings.config;

  const state = await daemonState(runtimeFolder, context.uid);
  switch (state.kind) {
    case 'running':
      context.err(`supervisor: already running, pid ${state.status.pid}\n`);
      return ExitCode.ALREADY_RUNNING;
    case 'stuck':
      tellProblem(context, stuckProblem(runtimeFolder, state.pid, state.reason));
      return ExitCode.ALREADY_RUNNING;
    case 'refused':
      tellProblem(context, state.problem);
      return ExitCode.NO_PERMISSION;
    case 'stopped':
  }
  const hadFolder = checkRuntimeFolder(runtimeFolder, context.uid).kind === 'ours';
  const started = startDaemon(context, flags, stateFolder);
  if (!started.ok) {
    tellProblem(context, started.problem);
    return started.exitCode;
  }
  const { daemon } = started;
  const cause = await waitUntilServing(context, daemon, runtimeFolder);
  if (cause === undefined) {
    context.err(`supervisor: running, pid ${daemon.pid}\n`);
    return ExitCode.OK;
  }
  return failedStart(context, daemon, { cause, runtimeFolder, hadFolder });
}

/** Undefined when a call was answered; else why not, as far as can be told from outside. */
async function waitUntilServing(context: Context, daemon: Daemon, runtimeFolder: string): Promise<string | undefined> {
  const deadlineAtMs = performance.now() + START_BUDGET_MS;
  let cause = 'it did not open its socket';
  while (performance.now() < deadlineAtMs) {
    if (daemon.exit() !== undefined) return 'it ended';
    const answer = await tryCall(context, runtimeFolder, deadlineAtMs - performance.now());
    if (answer.kind === 'answered') return undefined;
    cause = answer.why;
    await daemon.exitWithin(25);
  }
  return `no call was answered within ${START_BUDGET_MS / 1000} s: ${cause}`;
}
