/** What a daemon takes before anything else: its configuration, its runtime folder with the lock, its logs. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judgeLayer } from '../config/layer.js';
import { type LoadedConfig, loadConfig, systemSources } from '../config/load.js';
import { leaveRuntimeFolder, makePrivateFolder, prepareRuntimeFolder } from '../config/runtime-folder.js';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import type { ProcessId } from '../contract/daemon-lock.js';
import { ExitCode } from '../contract/status.js';
import { readLock, replaceLock, takeLock } from '../control/lock.js';
import { openKeeperLog } from '../monitor/keeper-log.js';
import { type Logger, openLog } from '../monitor/log.js';
import type { Native } from '../native.js';
import { identify, isAlive } from '../process-stat.js';
import { judgeAsked } from '../validating/problems.js';
import { problemText, StartFailure } from './start-failure.js';

/** `detached`: nobody waits for the end of this process. `successor`: a daemon that runs has started it in its place.
 *  `behind`: the daemons before it that still run hooks. `made-folder`: and the first of them had made the runtime folder. `activated`: and has `call.sock` from a service manager. */
const FLAGS = {
  config: { type: 'string' },
  'log-level': { type: 'string' },
  detached: { type: 'boolean' },
  successor: { type: 'boolean' },
  behind: { type: 'string' },
  'made-folder': { type: 'boolean' },
  activated: { type: 'boolean' },
} as const;

type Flag = 'detached' | 'successor' | 'made-folder' | 'activated';

export function hasFlag(argv: string[], flag: Flag): boolean {
  return parseArgs({ args: argv, options: FLAGS }).values[flag] === true;
}

export function readConfig(argv: string[]): Extract<LoadedConfig, { ok: true }> {
  const loaded = loadAgain(argv);
  if (!loaded.ok) throw new StartFailure(ExitCode.BAD_CONFIG, loaded.problems.map(problemText).join('\n'));
  return loaded;
}

/** As at the start: the environment and the flags of a process stay, the user's file may not have.
 *  @param profile the operator's. */
export function loadAgain(argv: string[], profile?: string): LoadedConfig {
  const { values } = parseArgs({ args: argv, options: FLAGS });
  const flags = {
    ...(values.config !== undefined && { configFile: values.config }),
    ...(values['log-level'] !== undefined && { logLevel: values['log-level'] }),
    ...(profile !== undefined && { profile }),
  };
  return loadConfig(systemSources(process.env, flags), judgeLayer, judgeAsked);
}

/** As many as there were when this process was started. */
export function countBehind(argv: string[]): number {
  return Number(parseArgs({ args: argv, options: FLAGS }).values.behind ?? 0);
}

/** The words of a daemon, for the one that takes over from it. @param behind daemons, this one included. */
export function successorArgv(argv: readonly string[], place: Place, behind: number): string[] {
  const words = [
    '--successor',
    `--behind=${behind}`,
    ...(place.isMade ? ['--made-folder'] : []),
    ...(place.isActivated ? ['--activated'] : []),
  ];
  const isOurs = (word: string) => words.includes(word) || word.startsWith('--behind=');
  return [...argv.filter((word) => !isOurs(word)), ...words];
}

export interface Place {
  /** The folder was not there before us, or before those that we have taken over from. */
  isMade: boolean;
  /** `call.sock` is a service manager's, and stays. */
  isActivated: boolean;
  /** Who says that it has the lock: this process, or the last of those that have taken over from it. */
  holder(): number | undefined;
  /** Has the lock, which the daemon before it held until then.
   *  @throws StartFailure where that has died, and another has been quicker. */
  takeOver(predecessorPid: number | undefined): void;
  /** After an attempt to hand it over that has failed. */
  takeBack(): void;
  /** What is somebody else's stays. */
  release(): void;
}

/** Makes and locks the runtime folder. A successor finds it made, and locked by whom it takes over from.
 *  @param hasSocket `call.sock` has been handed to this process. */
export function occupy(native: Native, config: Config, argv: string[], hasSocket: boolean): Place {
  const folder = config.runtimeFolder;
  const isSuccessor = hasFlag(argv, 'successor');
  const isActivated = hasSocket || hasFlag(argv, 'activated');
  const isMade = isSuccessor ? hasFlag(argv, 'made-folder') : !existsSync(folder);
  const problem = prepareRuntimeFolder(folder, process.geteuid?.() ?? 0);
  if (problem !== undefined) throw new StartFailure(problem.exitCode, problemText(problem));
  const locked = isSuccessor ? ({ ok: true } as const) : takeLock(folder, native.lock, process.pid);
  if (!locked.ok) throw alreadyRunning(locked.pid);
  // Sockets of a daemon that was killed: nobody listens on them, since the lock was free.
  const stale = isSuccessor ? [] : isActivated ? ['control.sock'] : ['call.sock', 'control.sock'];
  for (const name of stale) rmSync(join(folder, name), { force: true });
  let isOurs = !isSuccessor;
  let before: ProcessId[] = [];
  return {
    isMade,
    isActivated,
    holder: () => readLock(folder).pid,
    takeOver(predecessorPid) {
      before = readLock(folder).before.filter(isAlive);
      const free = takeLock(folder, native.lock, process.pid, before);
      if (!free.ok && free.pid !== predecessorPid) throw alreadyRunning(free.pid);
      if (!free.ok) {
        // It holds the lock, so the pid is its own.
        const holder = free.pid === undefined ? undefined : identify(free.pid);
        if (holder !== undefined) before = [holder, ...before];
        replaceLock(folder, native.lock, process.pid, before);
      }
      isOurs = true;
    },
    // Where the other one died before it took the lock, that is ours still, and this changes nothing.
    takeBack: () => void takeLock(folder, native.lock, process.pid, before),
    release() {
      if (!isOurs) return;
      rmSync(join(folder, 'lock'), { force: true });
      leaveRuntimeFolder(folder, isMade);
    },
  };
}

function alreadyRunning(pid: number | undefined): StartFailure {
  return new StartFailure(ExitCode.ALREADY_RUNNING, `supervisor: already running, pid ${pid ?? 'unknown'}`);
}

export function openLogs(config: Config, clock: Clock, notes: string[]): { log: Logger; keeperLogFd: number } {
  const made = makePrivateFolder(config.stateFolder);
  const folder = made.kind === 'failed' ? config.runtimeFolder : config.stateFolder;
  if (made.kind === 'failed')
    notes.push(`${config.stateFolder} cannot be made (${made.code}): the log is in ${folder}`);
  // First: a failure here must not meet a log that is being opened.
  const keeperLogFd = openKeeperLog(join(folder, 'keeper.log'), clock);
  return { log: openLog(join(folder, 'daemon.log'), config.logLevel), keeperLogFd };
}
