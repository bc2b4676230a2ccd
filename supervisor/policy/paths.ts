/** Paths of calls: byte strings, absolute. Those of the configuration are texts and become such before they meet. */
import { posix } from 'node:path';

/** What the policy asks of the file system. */
export interface PathFacts {
  /** Symbolic links followed; undefined where nothing is to be seen. */
  kind(path: string): 'file' | 'folder' | 'other' | undefined;
  /** With every symbolic link followed; undefined where there is nothing. */
  realPath(path: string): string | undefined;
  /** What is in it; undefined where it cannot be read, or is more than such a file has. */
  text(path: string): string | undefined;
}

export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Without `.`, `..`, double slashes and a slash at its end; undefined where the folder it starts from has no name. */
export function plainPath(path: string, cwd: string): string | undefined {
  if (!path.startsWith('/') && !cwd.startsWith('/')) return undefined;
  const absolute = path.startsWith('/') ? path : `${cwd}/${path}`;
  return posix.normalize(absolute).replace(/(.)\/$/, '$1');
}

/** The path as it is called and, where that differs, as it is. */
export function bothNames(path: string, facts: PathFacts): string[] {
  const real = facts.realPath(path);
  return real === undefined || real === path ? [path] : [path, real];
}
