/** What is executed for a resident worker. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BUILTIN_PREFIX, type ValidatorSpec } from '../contract/validating.js';

export interface Programs {
  packageFolder: string;
  /** Of the Node that the daemon runs on. */
  node: string;
  /** As `pythonOnPath` has found it; undefined: it is being looked for, until `pythonKnown` is settled. */
  python(): string | undefined;
  pythonKnown(): Promise<unknown>;
}

export interface Program {
  path: string;
  argv: readonly string[];
  /** The code of the validator. */
  entry: string;
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
      return { path: entry, argv: [entry, ...spec.args], entry, reads: [] };
    case 'node': {
      const resident = join(workers, 'node', 'resident.mjs');
      const reads = [
        join(workers, 'node'),
        join(workers, 'validators'),
        join(programs.packageFolder, 'build', 'resident.node'),
      ];
      return { path: programs.node, argv: [programs.node, resident, entry], entry, reads };
    }
    case 'python': {
      const python = programs.python();
      if (!python?.startsWith('/')) return python;
      const resident = join(workers, 'python', 'resident.py');
      return { path: python, argv: [python, resident, entry], entry, reads: [join(workers, 'python')] };
    }
  }
}

export function entryOf({ entry }: ValidatorSpec, packageFolder: string): string {
  if (!entry.startsWith(BUILTIN_PREFIX)) return entry;
  return join(packageFolder, 'dist', 'workers', 'validators', 'builtin', `${entry.slice(BUILTIN_PREFIX.length)}.mjs`);
}
