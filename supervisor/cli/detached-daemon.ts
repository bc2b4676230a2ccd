/** A daemon of its own: own session, no terminal, cwd `/`, no descriptor and no secret of the shell that started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigFlags } from '../config/load.js';
import { makePrivateFolder } from '../config/runtime-folder.js';
import type { ConfigProblem } from '../contract/config.js';
import { LIMITS } from '../contract/limits.js';
import { ExitCode } from '../contract/status.js';
import { type Context, tellProblem } from './context.js';
import { lockHolder } from './daemon-state.js';
import { removeSockets } from './down.js';

/** The daemon outlives the shell, whose environment holds keys: only what it needs goes along. */
const PASSED_VARIABLE = /^(PATH|HOME|USER|LOGNAME|LANG|LC_.*|TZ|TMPDIR|XDG_.*|SUPERVISOR_.*|CLAUDE_HOOKS_.*)$/;
const SAID_MAX_BYTES = 4096;

export interface Daemon {
  pid: number | undefined;
  /** Undefined while it runs. */
  exit(): { code: number | null; signal: NodeJS.Signals | null } | undefined;
  exitWithin(budgetMs: number): Promise<boolean>;
  /** Where it writes what is not in its log: a crash of Node itself, a refusal to start. */
  saidFile: string;
  logFile: string;
}

export type StartedDaemon = { ok: true; daemon: Daemon } | { ok: false; exitCode: number; problem: ConfigProblem };

/** Short-lived objects are few: more room for them (16 MB by default, three times) only keeps garbage in memory for longer. */
const V8_FLAGS = ['--max-semi-space-size=2'];

export function startDaemon(context: Context, flags: ConfigFlags, stateFolder: string): StartedDaemon {
  const saidFile = join(stateFolder, 'daemon.stderr');
  const opened = openPrivateFile(stateFolder, saidFile);
  if (!opened.ok) return opened;
  const saidFd = opened.fd;
  closeInheritedFds();
  const child = spawn(process.execPath, [...V8_FLAGS, context.files.daemon, ...flagArgs(flags)], {
    detached: true,
    cwd: '/',
    env: passedEnvironment(context.env),
    stdio: ['ignore', 'ignore', saidFd],
  });
  closeSync(saidFd);
  child.unref();
  return { ok: true, daemon: watch(child, saidFile, join(stateFolder, 'daemon.log')) };
}

/** In a folder that is made if it is missing. Where that fails, nothing of it stays. */
function openPrivateFile(folder: string, path: string): { ok: true; fd: number } | (StartedDaemon & { ok: false }) {
  const made = makePrivateFolder(folder);
  if (made.kind === 'failed') return cannotWrite(folder, 'made', made.code);
  try {
    return { ok: true, fd: openSync(path, 'w', 0o600) };
  } catch (error) {
    if (made.kind === 'made') rmdirSync(folder);
    return cannotWrite(path, 'written', (error as NodeJS.ErrnoException).code ?? 'unknown error');
  }
}

function cannotWrite(where: string, what: 'made' | 'written', code: string): StartedDaemon & { ok: false } {
  const exitCode = code === 'EACCES' || code === 'EPERM' ? ExitCode.NO_PERMISSION : ExitCode.UNAVAILABLE;
  const remedy = 'remove what is in its way, or set XDG_STATE_HOME to a folder that you can write to';
  return { ok: false, exitCode, problem: { where, what: `cannot be ${what} (${code})`, remedy } };
}

function watch(child: ChildProcess, saidFile: string, logFile: string): Daemon {
  let ended: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  child.on('exit', (code, signal) => {
    ended = { code, signal };
  });
  child.on('error', () => {
    ended = { code: ExitCode.UNAVAILABLE, signal: null };
  });
  const exitWithin = async (budgetMs: number) => {
    const deadlineAtMs = performance.now() + budgetMs;
    while (ended === undefined && performance.now() < deadlineAtMs) await sleep(Math.min(10, budgetMs));
    return ended !== undefined;
  };
  return { pid: child.pid, exit: () => ended, exitWithin, saidFile, logFile };
}

export function passedEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_VARIABLE.test(name)));
}

function flagArgs(flags: ConfigFlags): string[] {
  const args = ['--detached'];
  if (flags.configFile !== undefined) args.push('--config', resolve(flags.configFile));
  if (flags.logLevel !== undefined) args.push('--log-level', flags.logLevel);
  return args;
}

/** A pipe of the caller kept open by the daemon would make the caller wait for an end that never comes. Node marks the
 *  low descriptors close-on-exec itself; those left unmarked came from outside and are nobody's here. */
function closeInheritedFds(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd <= 2) continue;
    try {
      const flags = Number.parseInt(
        /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '',
        8,
      );
      const O_CLOEXEC = 0o2000000;
      if ((flags & O_CLOEXEC) === 0) closeSync(fd);
    } catch {
      // the descriptor of the listing itself, closed by now
    }
  }
}

export interface FailedStart {
  cause: string;
  runtimeFolder: string;
  /** The runtime folder was there before. */
  hadFolder: boolean;
}

/** Ends what was started, removes what it made, tells why. */
export async function failedStart(context: Context, daemon: Daemon, failure: FailedStart): Promise<number> {
  const ended = daemon.exit();
  if (ended === undefined && daemon.pid !== undefined) {
    process.kill(daemon.pid, 'SIGTERM');
    if (!(await daemon.exitWithin(LIMITS.stopBudgetMs))) process.kill(daemon.pid, 'SIGKILL');
    await daemon.exitWithin(LIMITS.stopBudgetMs);
  }
  const said = readFileSync(daemon.saidFile, 'utf8').slice(-SAID_MAX_BYTES).trimEnd();
  rmSync(daemon.saidFile, { force: true });
  removeWhatItMade(failure);
  const code = ended === undefined ? null : (ended.code ?? ended.signal);
  const what = code === null ? failure.cause : `${failure.cause} with ${code}`;
  tellProblem(context, { where: 'the daemon did not start', what, remedy: `its log: ${daemon.logFile}` });
  if (said !== '') context.err(`${said.replace(/^/gm, '  | ')}\n`);
  const isOwnCode = [ExitCode.ALREADY_RUNNING, ExitCode.NO_PERMISSION, ExitCode.BAD_CONFIG].some((own) => own === code);
  return isOwnCode ? Number(code) : ExitCode.UNAVAILABLE;
}

function removeWhatItMade({ runtimeFolder, hadFolder }: FailedStart): void {
  if (lockHolder(join(runtimeFolder, 'lock')) !== undefined) return; // another daemon was quicker
  removeSockets(runtimeFolder);
  if (hadFolder) return;
  try {
    rmSync(join(runtimeFolder, 'lock'), { force: true });
    rmdirSync(runtimeFolder);
  } catch {
    // not empty or not ours: not ours to remove
  }
}
