/** One call as the intake has decoded it, and what the router makes of it. Strings are byte strings (latin1): what came
 *  over the wire goes back out unchanged, whatever its encoding. */

/** Loosest first. What the client asks for may only tighten the daemon's policy. */
export const LEVELS = ['contained', 'restricted', 'untrusted'] as const;
export type Level = (typeof LEVELS)[number];

/** A level at which a sandbox is entered. */
export type ConfinedLevel = Exclude<Level, 'contained'>;

export function isStricter(one: Level, other: Level): boolean {
  return LEVELS.indexOf(one) > LEVELS.indexOf(other);
}

/** The path a call took. `worker`: an interpreter that was warm. `exec`: a parked process that executed the command.
 *  `direct`: the client ran it itself. */
export type CallPath = 'worker' | 'exec' | 'direct';

export type Runtime = 'exec' | 'python' | 'node';

export interface Call {
  id: number;
  /** The payload of the CALL frame, as it came; empty where it came by none. */
  raw: Buffer;
  argv: readonly string[];
  /** NAME=value in the caller's order. */
  env: readonly string[];
  /** '' where the folder was deleted: `cwdFd` is what counts. */
  cwd: string;
  cwdFd: number;
  /** No command: validators answer what is on stdin. */
  isEvent: boolean;
  shellText: boolean;
  mergedOutput: boolean;
  explain: boolean;
  /** A failure of ours must make the agent block: exit 2. */
  blocking: boolean;
  level: Level | undefined;
  /** 0: none asked for. */
  timeoutMs: number;
  /** Bits of Stream: outputs that nobody reads any more. */
  readersGone: number;
  /** struct inherited, as it came. */
  inherited: Buffer;
  stdin: Buffer;
  stdinComplete: boolean;
  receivedAtMs: number;
  /** The client's; 0 where it came by none. */
  clientPid: number;
}

/** How an interpreter runs the program: `mode` and the index of script, text or module name in argv. Of a text that is one
 *  of Node's flags, the index of what follows. */
export interface Program {
  mode: 'script' | 'command' | 'module';
  index: number;
}

/** What the router decided. Pure data: the pool finds or makes the pool of that key. */
export type Plan = {
  /** The text's shell, which is not run, would have waited for the command: a death by signal ends as that shell ends. */
  throughShell: boolean;
} & (
  | {
      kind: 'exec';
      /** File for execve: as resolved on the call's own PATH, absolute or relative to the cwd. */
      path: string;
      argv: readonly string[];
      env: readonly string[];
      /** Why a warm interpreter does not do it; '' where none was in question. */
      reason: string;
    }
  | {
      kind: 'interpreter';
      runtime: 'python' | 'node';
      /** Absolute path of the interpreter as PATH search found it (not resolved: venvs depend on it). */
      interpreter: string;
      /** The hook's own interpreter flags, in order; they are flags of the zygote. */
      flags: readonly string[];
      /** Variables that change how the interpreter starts: part of the pool key and the zygote's environment. */
      startEnv: readonly string[];
      program: Program;
      argv: readonly string[];
      env: readonly string[];
      /** What is executed if no warm interpreter can serve it: the command as given, before any #! line, env or shim. */
      fallback: { path: string; argv: readonly string[]; env: readonly string[] };
    }
);
