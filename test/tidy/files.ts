/** The project's own files, for the tidy tests: what a build or an installation makes is left out. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'build', '.git', '__pycache__', 'coverage']);
const SKIPPED_FILES = new Set([
  'package-lock.json',
  'docs/config.schema.json',
  'bin/supervisor-hook',
  'bin/supervisor-keeper',
]);

export interface ProjectFile {
  /** From the project's root, with `/`. */
  path: string;
  text: string;
}

export function projectFiles(folder = ''): ProjectFile[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry): ProjectFile[] => {
    const path = relative(ROOT, join(ROOT, folder, entry.name));
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : projectFiles(path);
    if (!entry.isFile() || SKIPPED_FILES.has(path) || /\.(pyc|tgz)$/.test(path)) return [];
    return [{ path, text: readFileSync(join(ROOT, path), 'utf8') }];
  });
}
