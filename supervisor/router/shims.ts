/** Recognises the shims of version managers, by where they lie and by what is in them. A program that is none of these is
 *  never run to find out what it would do. */
import { basename, dirname } from 'node:path';
import type { FileFacts } from './file-facts.js';

const PYENV_ROOT = /^export PYENV_ROOT="([^"$`\\\n]+)"$/m;
const PYENV_END = /^exec "[^"$`\\\n]+\/pyenv" exec "\$program" "\$@"\n*$/m;

/** Name of the tool whose shim this is. */
export function recogniseShim(path: string, file: FileFacts): 'pyenv' | 'mise' | undefined {
  if (file.format === 'script') {
    const root = PYENV_ROOT.exec(file.text)?.[1];
    return root !== undefined && path === `${root}/shims/${basename(path)}` && PYENV_END.test(file.text)
      ? 'pyenv'
      : undefined;
  }
  const isMise = file.format === 'elf' && basename(file.realPath) === 'mise';
  return isMise && basename(dirname(path)) === 'shims' && path.startsWith('/') ? 'mise' : undefined;
}

/** Variables by which code of the caller's is loaded into whatever is run: it shall not run but for the call itself. */
const LOADING_VARIABLE = /^(?:BASH_ENV|ENV|LD_PRELOAD|LD_AUDIT|BASH_FUNC_[^=]*)=./;

export function loadsCode(env: readonly string[]): boolean {
  return env.some((entry) => LOADING_VARIABLE.test(entry));
}
