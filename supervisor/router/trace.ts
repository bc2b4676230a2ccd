/** Runs supervisor-tracer, which follows a shim to the moment when it becomes its interpreter. */
import { execFile } from 'node:child_process';

/** What execve is given. */
export interface Execution {
  path: string;
  argv: readonly string[];
  env: readonly string[];
}

export interface Trace {
  /** What the shim becomes; a string: why that is not known. */
  end: Execution | string;
  /** Files whose presence, kind or content it has asked for, absent ones too. */
  paths: ReadonlySet<string>;
  /** Folders whose names it has read. */
  listings: ReadonlySet<string>;
}

/** Beside the calls, so there is no hurry on a busy machine. */
export const TRACE_TIMEOUT_MS = 20_000;
const TRACE_MAX_BYTES = 16 * 1024 * 1024;
/** Programs that shims use on their way. Anything else could be the hook, which must not run here. */
const HELPERS =
  'bash dash sh env sed tr head tail sort grep cut cat uname dirname basename readlink realpath ls mawk gawk mise';

/** undefined: the tracer was stopped, or cannot work on this host. */
export function traceShim(tracer: string, shim: Execution, cwd: string, timeoutMs: number): Promise<Trace | undefined> {
  const strings = [shim.path, cwd, String(shim.argv.length), ...shim.argv, ...shim.env];
  const request = Buffer.from(strings.map((one) => `${one}\0`).join(''), 'latin1');
  const limits = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: TRACE_MAX_BYTES } as const;
  return new Promise((resolve) => {
    const options = { cwd: '/', env: {}, encoding: 'latin1', ...limits } as const;
    const child = execFile(tracer, HELPERS.split(' '), options, (error, stdout) => {
      resolve(error ? undefined : parseTrace(stdout));
    });
    child.stdin?.on('error', () => {}); // it has ended already, which the callback tells
    child.stdin?.end(request);
  });
}

export function parseTrace(said: string): Trace | undefined {
  const strings = said.split('\0');
  const [paths, listings] = [new Set<string>(), new Set<string>()];
  for (let at = 0; at + 1 < strings.length; at += 2) {
    const text = strings[at + 1] as string;
    switch (strings[at]) {
      case 'path':
        paths.add(text);
        break;
      case 'listing':
        listings.add(text);
        break;
      case 'no':
        return { end: text, paths, listings };
      case 'end': {
        const argv = counted(strings, at + 2, 'cmdline');
        const env = argv && counted(strings, at + 4 + argv.length, 'environ');
        return argv && env && { end: { path: text, argv, env }, paths, listings };
      }
    }
  }
  return undefined;
}

function counted(strings: readonly string[], at: number, name: string): string[] | undefined {
  const count = Number(strings[at + 1]);
  if (strings[at] !== name || strings.length <= at + 2 + count) return undefined;
  return strings.slice(at + 2, at + 2 + count);
}
