/** Finding a command on PATH: as execvp does for an argv, as the shells do for a shell text. Pure over a FileLookup. */
import type { FileFacts, FileLookup } from './file-facts.js';

/** What execvp uses where PATH is unset. */
const DEFAULT_PATH = '/bin:/usr/bin';

export interface Found {
  /** For execve: absolute, or relative to the cwd. */
  path: string;
  /** undefined: nothing there that could be executed; execve of `path` fails as a direct run's would. */
  facts: FileFacts | undefined;
}

/** A relative path below the cwd; undefined where the folder's name is not known (deleted, or out of reach). */
export function inFolder(path: string, cwd: string): string | undefined {
  if (path.startsWith('/')) return path;
  return cwd.startsWith('/') ? `${cwd}/${path}` : undefined;
}

/** execvp: a name with a slash is taken as it is; otherwise the first executable file of PATH. */
export function resolveCommand(name: string, pathVariable: string | undefined, cwd: string, file: FileLookup): Found {
  if (name === '' || name.includes('/')) return { path: name, facts: executable(name, cwd, file) };
  let refused: string | undefined;
  let last = name;
  for (const folder of (pathVariable ?? DEFAULT_PATH).split(':')) {
    last = folder === '' ? name : `${folder}/${name}`;
    const facts = look(last, cwd, file);
    if (facts?.executable) return { path: last, facts };
    // execvp goes on after EACCES and reports it in the end, rather than ENOENT.
    if (facts !== undefined) refused ??= last;
  }
  // Never the bare name: it would be a file of the cwd, where the search did not look.
  return { path: refused ?? last, facts: undefined };
}

/** As dash and bash find it, where both agree and nothing of theirs is in the way; undefined: leave it to the shell,
 *  which has its own words for a command that is not there. */
export function resolveInShell(
  name: string,
  pathVariable: string | undefined,
  cwd: string,
  file: FileLookup,
): (Found & { facts: FileFacts }) | undefined {
  if (name.includes('/')) {
    const facts = executable(name, cwd, file);
    return facts && { path: name, facts };
  }
  for (const folder of (pathVariable ?? '').split(':')) {
    // Relative and empty elements, a slash at the end (bash drops it), dash's %func: each is spelled differently.
    if (!/^\/[^%]*[^/%]$/.test(folder)) return undefined;
    const path = `${folder}/${name}`;
    const facts = file(path);
    if (facts?.executable) return { path, facts };
  }
  return undefined;
}

/** Whether execve of it begins to run something. A file that is neither is run by a shell as text, which is the
 *  shell's business. */
export function isRunnable(facts: FileFacts, file: FileLookup): boolean {
  if (facts.format !== 'script') return facts.format === 'elf';
  const [interpreter] = facts.scriptWords;
  return interpreter?.startsWith('/') === true && file(interpreter)?.executable === true;
}

function look(path: string, cwd: string, file: FileLookup): FileFacts | undefined {
  const absolute = inFolder(path, cwd);
  return absolute === undefined ? undefined : file(absolute);
}

function executable(path: string, cwd: string, file: FileLookup): FileFacts | undefined {
  const facts = look(path, cwd, file);
  return facts?.executable ? facts : undefined;
}
