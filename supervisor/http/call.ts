/** An event and the hook that is asked for -> a call, as if a client had sent it. */
import { accessSync, constants, existsSync, openSync } from 'node:fs';
import type { Call } from '../contract/call.js';
import type { HttpHook } from '../contract/http.js';
import { type HookEvent, projectFolder } from './event.js';

/** Not among the constants of Node. Opened so, a folder need not be readable, and nothing is opened that could wait. */
const O_PATH = 0o10000000;

/** Of the daemon's environment; the agent's is not told by HTTP. */
const PASSED = /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR)$/;

export interface CallSurroundings {
  id: number;
  home: string;
  env: NodeJS.ProcessEnv;
  inherited: Buffer;
  receivedAtMs: number;
}

/** Its `cwdFd` is the caller's to close. A string says why there is none. */
export function callOf(hook: HttpHook, event: HookEvent, body: Buffer, around: CallSurroundings): Call | string {
  const { id, home, env, inherited, receivedAtMs } = around;
  const { command, args, timeoutMs, level } = hook;
  const { cwd } = event;
  const cwdFd = openFolder(cwd);
  if (cwdFd === undefined) return 'the cwd is no folder that this user may enter';
  const project = projectFolder(cwd, home, existsSync);
  const filled = (text: string) => bytesOf(text.replaceAll('${CLAUDE_PROJECT_DIR}', () => project));
  const words = args === undefined ? ['/bin/sh', '-c', command] : [command, ...args];
  return {
    id,
    raw: Buffer.alloc(0),
    argv: words.map(filled),
    env: environment(env, { PWD: cwd, CLAUDE_PROJECT_DIR: project }),
    cwd: bytesOf(cwd),
    cwdFd,
    isEvent: false,
    shellText: args === undefined,
    mergedOutput: false,
    explain: false,
    blocking: false, // what a failure becomes is said in JSON
    level,
    timeoutMs,
    readersGone: 0,
    inherited,
    stdin: body,
    stdinComplete: true,
    receivedAtMs,
    clientPid: 0,
  };
}

function environment(env: NodeJS.ProcessEnv, more: Record<string, string>): string[] {
  const passed = Object.entries(env).filter(([name]) => PASSED.test(name));
  return [...passed, ...Object.entries(more)].map(([name, value]) => bytesOf(`${name}=${value}`));
}

function openFolder(path: string): number | undefined {
  try {
    accessSync(path, constants.X_OK);
    return openSync(path, O_PATH | constants.O_DIRECTORY);
  } catch {
    return undefined;
  }
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
