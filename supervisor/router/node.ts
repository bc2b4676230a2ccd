/** Recognises the real Node behind a command, as opposed to a shim, a wrapper or another implementation. */
import { basename } from 'node:path';
import type { FileFacts } from './file-facts.js';
import { inFolder } from './path.js';

export interface NodeInterpreter {
  /** Absolute. Node takes process.execPath from the kernel and process.argv0 from the command, so any name does. */
  path: string;
}

const INVOKED_NAME = /^node(js)?$/;
/** Some distributions install `node-22` with a link to it. Shims (volta, asdf) and look-alikes (bun) have other names. */
const REAL_NAME = /^node(js)?(-\d+)?$/;

/** undefined: no node at all. A string: one that runs through exec, and why. */
export function recogniseNode(path: string, cwd: string, facts: FileFacts): NodeInterpreter | string | undefined {
  const name = basename(path);
  if (!INVOKED_NAME.test(name)) return undefined;
  if (facts.format !== 'elf') return `${name} is a script that starts an interpreter`;
  if (!REAL_NAME.test(basename(facts.realPath))) return `${name} is not a plain Node`;
  const absolute = inFolder(path, cwd);
  return absolute === undefined ? 'the folder has no name' : { path: absolute };
}
