/** What PATH finds in our way: version-manager shims that make each hook slow, and other programs of our name. */
import { accessSync, constants, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.js';
import { type Check, ok, warn } from './check.js';

/** How a shim betrays itself, by its place or its first lines. */
const MANAGERS: readonly [name: string, pattern: RegExp][] = [
  ['pyenv', /\/\.?pyenv\/shims\/|pyenv exec/],
  ['asdf', /\/\.?asdf\/shims\/|asdf exec/],
  ['mise', /\/mise\/shims\/|\/bin\/mise$/],
];

export function searchPathChecks(context: Context): Check[] {
  const path = context.env.PATH ?? '';
  return [pythonCheck(path), nameCheck(path, context.files.root)];
}

function pythonCheck(searchPath: string): Check {
  const name = 'python3';
  const [file] = findOnPath(searchPath, 'python3');
  if (file === undefined) return warn(name, 'not on PATH', 'install it if your hooks are written in Python');
  const manager = shimManager(file);
  if (manager === undefined) return ok(name, file);
  return warn(
    name,
    `${file} is a shim of ${manager}: a hook that names it starts a shell first, tens of milliseconds each time`,
    `name the interpreter itself in your hooks: ${manager} which python3`,
  );
}

export function shimManager(file: string): string | undefined {
  const head = readHead(file);
  const target = realpathOf(file);
  const found = MANAGERS.find(([, pattern]) => pattern.test(file) || pattern.test(target) || pattern.test(head));
  return found?.[0];
}

/** The npm package `supervisor` and supervisord use the same word. */
function nameCheck(searchPath: string, root: string): Check {
  const name = 'name';
  const [first] = findOnPath(searchPath, 'supervisor');
  if (first === undefined) return ok(name, 'no other `supervisor` on PATH');
  if (realpathOf(first) === join(realpathOf(root), 'bin', 'supervisor')) return ok(name, `${first} is this one`);
  const remedy = `put our bin folder earlier on PATH, or call ${join(root, 'bin', 'supervisor')}`;
  return warn(name, `${first} is another program called supervisor`, remedy);
}

export function findOnPath(searchPath: string, command: string): string[] {
  return searchPath
    .split(':')
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, command))
    .filter(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function readHead(file: string): string {
  try {
    const text = readFileSync(file, 'latin1').slice(0, 2048);
    return text.startsWith('#!') ? text : '';
  } catch {
    return '';
  }
}

export function realpathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
