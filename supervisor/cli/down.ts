/** `supervisor down`: returns when daemon, workers and sockets are gone, by asking, then by force. */
import { existsSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { leaveRuntimeFolder } from '../config/runtime-folder.js';
import type { ProcessId } from '../contract/daemon-lock.js';
import { LIMITS } from '../contract/limits.js';
import { ExitCode } from '../contract/status.js';
import { ask } from '../control/client.js';
import { identify } from '../process-stat.js';
import { type Context, tellProblem } from './context.js';
import { ANSWER_TIMEOUT_MS, daemonState, daemonsBefore, lockHolder } from './daemon-state.js';
import { signalIfSame, waitUntilGone, withDescendants } from './process-facts.js';
import { loadSettings } from './settings.js';

/** What the daemon takes once nothing is waited for, and a moment to notice it. */
const AFTER_DRAIN_MS = LIMITS.stopBudgetMs - LIMITS.drainBudgetMs + 1_000;
const TELL_EVERY_MS = 1_000;
const KILL_BUDGET_MS = 2_000;

export async function down(context: Context, drainMs: number = LIMITS.drainBudgetMs): Promise<number> {
  const settings = await loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const { runtimeFolder } = settings.config;
  const state = await daemonState(runtimeFolder, context.uid);
  // Taken before the stop: afterwards nobody knows them any more.
  const before = daemonsBefore(join(runtimeFolder, 'lock'));
  if (state.kind === 'stopped') {
    context.err('supervisor: was not running\n');
    return finish(context, runtimeFolder, withDescendants(before), drainMs);
  }
  if (state.kind === 'refused') {
    tellProblem(context, state.problem);
    return ExitCode.NO_PERMISSION;
  }
  const pid = state.kind === 'running' ? state.status.pid : state.pid;
  const daemon = pid === undefined ? undefined : identify(pid);
  const all = withDescendants(daemon === undefined ? before : [daemon, ...before]);
  if (state.kind === 'running') {
    await ask(join(runtimeFolder, 'control.sock'), 'stop', ANSWER_TIMEOUT_MS, { drainMs });
  } else if (daemon !== undefined) signalIfSame(daemon, 'SIGTERM');
  return finish(context, runtimeFolder, all, drainMs);
}

async function finish(context: Context, runtimeFolder: string, all: ProcessId[], drainMs: number): Promise<number> {
  let alive = await waitTelling(context, runtimeFolder, all, drainMs + AFTER_DRAIN_MS);
  if (alive.length > 0) {
    context.err(`supervisor: ${alive.length} processes did not end in time, killing them\n`);
    alive = await waitUntilGone(killed(alive), KILL_BUDGET_MS);
  }
  clear(runtimeFolder);
  if (alive.length === 0) return ExitCode.OK;
  const pids = alive.map(({ pid }) => pid).join(', ');
  tellProblem(context, {
    where: runtimeFolder,
    what: `cannot end pid ${pids}`,
    remedy: `it hangs in the kernel or belongs to somebody else; look at /proc/${alive[0]?.pid}/status`,
  });
  return ExitCode.UNAVAILABLE;
}

/** With what hooks have started since. Stopped first: what one that runs on starts now would be nobody's descendant then.
 *  @returns all of them. */
function killed(alive: readonly ProcessId[]): ProcessId[] {
  for (const process of withDescendants(alive)) signalIfSame(process, 'SIGSTOP');
  const all = withDescendants(alive);
  for (const process of all) signalIfSame(process, 'SIGKILL');
  return all;
}

/** As `waitUntilGone`. Who sits before it is told each second that it goes on. */
async function waitTelling(context: Context, runtimeFolder: string, all: ProcessId[], budgetMs: number) {
  let alive = all;
  for (let leftMs = budgetMs; alive.length > 0 && leftMs > 0; leftMs -= TELL_EVERY_MS) {
    if (leftMs < budgetMs && context.errIsTerminal) {
      const state = await daemonState(runtimeFolder, context.uid);
      const hooks = state.kind === 'running' ? state.status.calls.active : 0;
      const what = hooks > 0 ? `running hooks (${hooks})` : `processes (${alive.length})`;
      context.err(`supervisor: waiting for ${what}, ${leftMs / 1000} s at most\n`);
    }
    alive = await waitUntilGone(alive, Math.min(TELL_EVERY_MS, leftMs));
  }
  return alive;
}

/** What killed daemons and clients that have started one leave. */
function clear(runtimeFolder: string): void {
  removeSockets(runtimeFolder);
  if (lockHolder(join(runtimeFolder, 'lock')) === undefined) leaveRuntimeFolder(runtimeFolder, false);
}

/** What a killed daemon leaves. Never while somebody holds the lock: it may be a new daemon's. Where somebody listens, it is a
 *  service manager, which has bound the socket itself and starts a daemon at the next call. */
export function removeSockets(runtimeFolder: string): void {
  if (lockHolder(join(runtimeFolder, 'lock')) !== undefined) return;
  for (const name of ['call.sock', 'control.sock']) {
    const path = join(runtimeFolder, name);
    if (existsSync(path) && !isListening(path)) unlinkSync(path);
  }
}

function isListening(path: string): boolean {
  const ACCEPTS = '00010000';
  return readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .some((line) => line.endsWith(` ${path}`) && line.split(' ')[3] === ACCEPTS);
}
