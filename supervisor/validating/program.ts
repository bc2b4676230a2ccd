/** What is executed for a resident worker. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BUILTIN_PREFIX, type ValidatorSpec } from '../contract/validating.js';

/** In place of the entry of one validator. */
const SHARED = '-';

export interface Programs {
  packageFolder: string;
  /** Of the Node that the daemon runs on. */
  node: string;
  /** A string that does not begin with `/` says why there is none; undefined: it can be told once `pythonKnown` is settled. */
  python(): string | undefined;
  /** Has it looked for where that is not known. */
  pythonKnown(): Promise<unknown>;
}

export interface Program {
  path: string;
  argv: readonly string[];
  /** Of the validator. */
  entry: string;
  /** What is started: the entry, or where several validators share a process, what they have in common. */
  code: string;
  isShared: boolean;
  /** Files and folders of ours that it reads. */
  reads: readonly string[];
}

/** A string says why there is none; undefined: it can be told once `pythonKnown` is settled. */
export function programOf(spec: ValidatorSpec, programs: Programs): Program | string | undefined {
  const entry = entryOf(spec, programs.packageFolder);
  if (!existsSync(entry)) return `there is no file ${entry}`;
  const workers = join(programs.packageFolder, 'dist', 'workers');
  switch (spec.runtime) {
    case 'exec':
      return { path: entry, argv: [entry, ...spec.args], entry, code: entry, isShared: false, reads: [] };
    case 'node': {
      const resident = join(workers, 'node', 'resident.mjs');
      const reads = [
        join(workers, 'node'),
        join(workers, 'validators'),
        join(programs.packageFolder, 'build', 'resident.node'),
      ];
      // What is built in is our own code: a process for each would defend against nobody.
      const isShared = isBuiltin(spec);
      const argv = [programs.node, resident, isShared ? SHARED : entry];
      return { path: programs.node, argv, entry, code: isShared ? resident : entry, isShared, reads };
    }
    case 'python': {
      const python = programs.python();
      if (!python?.startsWith('/')) return python;
      const resident = join(workers, 'python', 'resident.py');
      const reads = [join(workers, 'python')];
      return { path: python, argv: [python, resident, entry], entry, code: entry, isShared: false, reads };
    }
  }
}

export function entryOf(spec: ValidatorSpec, packageFolder: string): string {
  const { entry } = spec;
  if (!isBuiltin(spec)) return entry;
  return join(packageFolder, 'dist', 'workers', 'validators', 'builtin', `${entry.slice(BUILTIN_PREFIX.length)}.mjs`);
}

function isBuiltin({ entry }: ValidatorSpec): boolean {
  return entry.startsWith(BUILTIN_PREFIX);
}
