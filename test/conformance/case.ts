/** What a conformance case says. All strings are byte strings (latin1). */
import type { Runtime } from '../../supervisor/contract/call.js';
import type { LaunchOptions, StdinPlan } from '../lib/launcher.js';
import type { Files } from '../lib/workspace.js';

/** `run`: an argument vector. `sh`: a line of shell, as agents hold their hooks. */
export type Form = 'run' | 'sh';

/** Folders a case may need to name. */
export interface Place {
  /** Where the hook runs; made anew for each run. */
  workspace: string;
  /** A virtual environment of the tested Python. */
  venv: string;
  /** A folder with the module `helper`: unlike the workspace, the same for every run. */
  library: string;
}

export interface HookCase {
  name: string;
  /** Either a command and its arguments, quoted for the `sh` form, or a line of shell, given to `/bin/sh -c` in the
   *  `run` form. */
  command: readonly string[] | { shell: string } | ((place: Place) => readonly string[]);
  files?: Files;
  /** Default: empty and closed. */
  stdin?: string | StdinPlan;
  /** Added to the base environment. */
  env?: readonly string[] | ((place: Place) => readonly string[]);
  launch?: LaunchOptions;
  /** Default: both. */
  forms?: readonly Form[];
  /** A warm interpreter cannot serve it in these forms; the reason says why. Only for Python cases, and counted. */
  exec?: { forms: readonly Form[]; reason: string };
  /** Parts of the direct answer (vitest matchers allowed): the case does what its name says. `diesOf`: a signal, which
   *  some shells pass on and others turn into 128 + signal. */
  shows: Readonly<Record<string, unknown>> & { diesOf?: number };
  /** Files appear after the answer: wait for this one before the folders are compared. */
  awaitFile?: string;
}

/** What a run has shown to the world. */
export interface Answer {
  exitCode: number | null;
  signal: number | null;
  timedOut: boolean;
  stdout: string;
  stderr: string;
  files: Record<string, string>;
}

export function argvOf(hook: HookCase, form: Form, place: Place): { argv: readonly string[] } | { shell: string } {
  const command = typeof hook.command === 'function' ? hook.command(place) : hook.command;
  if ('shell' in command) return form === 'sh' ? command : { argv: ['/bin/sh', '-c', command.shell] };
  return form === 'run' ? { argv: command } : { shell: command.map(quote).join(' ') };
}

/** The warm path of a case in a form. */
export function expectedPath(hook: HookCase, form: Form, runtime: Runtime): 'worker' | 'exec' {
  return runtime === 'exec' || hook.exec?.forms.includes(form) ? 'exec' : 'worker';
}

function quote(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) && !word.includes('=') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
