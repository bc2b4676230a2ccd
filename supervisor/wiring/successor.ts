/** The daemon that takes over from this one: started with its sockets, believed once it says that it is ready. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';

export interface SuccessorRequest {
  /** After the program's name. */
  argv: readonly string[];
  /** Beside those of this process. */
  variables: Readonly<Record<string, string>>;
  /** Listening sockets, by `SUCCESSOR_FD`. */
  callFd: number;
  controlFd: number;
  /** -1: there is none. */
  httpFd: number;
  clock: Clock;
  readyTimeoutMs: number;
}

export const SUCCESSOR_FD = { call: 3, control: 4, http: 5 } as const;

/** What the successor says. `drainMs`: the budget of its own end. */
export type SuccessorWord = { ready: true } | { failed: string } | { drainMs: number };

export interface Successor {
  pid: number;
  /** It wants what is left here to end within a budget, or it has died. */
  onHurry(hurry: (budgetMs: number) => void): void;
}

export type StartedSuccessor = { ok: true; successor: Successor } | { ok: false; why: string };

export function startSuccessor(request: SuccessorRequest, onSpawned: (pid: number) => void): Promise<StartedSuccessor> {
  const { argv, variables, callFd, controlFd, httpFd, clock, readyTimeoutMs } = request;
  // The file by its path, not this process's own code: the package may have been upgraded underneath.
  const [program = ''] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, program, ...argv], {
    detached: true,
    cwd: '/',
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'inherit', callFd, controlFd, httpFd < 0 ? 'ignore' : httpFd, 'ipc'],
  });
  if (child.pid !== undefined) onSpawned(child.pid);
  return new Promise((resolve) => {
    let isSettled = false;
    const settle = (answer: StartedSuccessor) => {
      if (isSettled) return;
      isSettled = true;
      undo();
      const isGone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
      if (answer.ok || isGone) return resolve(answer);
      // Not before its end: until then it may have the lock, or take it yet.
      child.once('exit', () => resolve(answer));
      child.kill('SIGKILL');
    };
    const undo = clock.after(readyTimeoutMs, () =>
      settle({ ok: false, why: `it was not ready within ${readyTimeoutMs / 1000} s` }),
    );
    child.on('error', (error) => settle({ ok: false, why: `it cannot be started (${error.message})` }));
    child.on('exit', (code, signal) => settle({ ok: false, why: `it ended with ${code ?? signal}` }));
    child.on('message', (word: SuccessorWord) => {
      if ('failed' in word) settle({ ok: false, why: word.failed });
      else if ('ready' in word) settle({ ok: true, successor: successorOf(child) });
    });
  });
}

function successorOf(child: ChildProcess): Successor {
  return {
    pid: child.pid ?? 0,
    onHurry(hurry) {
      let isTold = false;
      const gone = () => {
        if (!isTold) hurry(LIMITS.drainBudgetMs);
      };
      child.on('message', (word: SuccessorWord) => {
        if (!('drainMs' in word)) return;
        isTold = true;
        hurry(word.drainMs);
      });
      if (child.connected) child.once('disconnect', gone);
      else gone();
    },
  };
}

/** The successor's end of it. */
export interface Predecessor {
  /** Of the process that has started this one, whatever has become of it. */
  readonly firstPid: number;
  /** undefined once it has ended. */
  pid(): number | undefined;
  /** Told once it has. */
  onEnd(listener: () => void): void;
  say(word: SuccessorWord): Promise<void>;
  /** What is left of it is to end within this budget. */
  hurry(drainMs: number): void;
}

export function predecessor(): Predecessor {
  const pid = process.ppid;
  const say = (word: SuccessorWord) => new Promise<void>((done) => process.send?.(word, () => done()));
  return {
    firstPid: pid,
    pid: () => (process.connected ? pid : undefined),
    onEnd: (listener) => void process.once('disconnect', listener),
    say,
    hurry(drainMs) {
      if (process.connected) void say({ drainMs });
    },
  };
}
