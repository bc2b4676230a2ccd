/** Recognises the real CPython behind a command, as opposed to a shim, a wrapper or another implementation. */
import { basename, posix } from 'node:path';
import type { FileFacts, FileLookup } from './file-facts.js';
import { inFolder } from './path.js';

export interface PythonInterpreter {
  /** Absolute, as sys.executable will say it: not resolved, since a virtual environment is found from it. */
  path: string;
  minor: number;
}

const INVOKED_NAME = /^python(3(\.\d+)?)?$/;
/** Debug and free-threaded builds, PyPy and python2 have other names. */
const REAL_NAME = /^python3\.(\d+)$/;
/** Before it, sys.executable keeps `./` and `//`. */
const TIDY_SINCE_MINOR = 11;

/** undefined: no python at all. A string: one that runs through exec, and why. */
export function recognisePython(
  path: string,
  cwd: string,
  facts: FileFacts,
  file: FileLookup,
): PythonInterpreter | string | undefined {
  const name = basename(path);
  if (!INVOKED_NAME.test(name)) return undefined;
  if (facts.format !== 'elf') return `${name} is a script that starts an interpreter`;
  const minor = REAL_NAME.exec(basename(facts.realPath))?.[1];
  if (minor === undefined) return `${name} is not a plain CPython`;
  const absolute = inFolder(path, cwd);
  if (absolute === undefined) return 'the folder has no name';
  const tidy = posix.normalize(absolute);
  if (tidy !== absolute) {
    if (Number(minor) < TIDY_SINCE_MINOR) return 'the path of the interpreter is not in its plain form';
    // `x/..` is not nothing where x is a symbolic link.
    if (file(tidy)?.place !== facts.place) return 'the path of the interpreter leads elsewhere';
  }
  return { path: tidy, minor: Number(minor) };
}
