/** The project that a call belongs to: what a confined hook sees and, at `restricted`, may write. */
import { dirname } from 'node:path';
import { LIMITS } from '../contract/limits.js';
import { isWithin } from '../contract/secrets.js';
import { type Guarded, whyGuarded } from './guarded.js';
import type { PathFacts } from './paths.js';

export const PROJECT_MARKS = ['.git', '.claude', '.codex', '.gemini', '.cursor'];

export function hasMark(folder: string, facts: Pick<PathFacts, 'kind'>): boolean {
  return PROJECT_MARKS.some((mark) => facts.kind(`${folder}/${mark}`) !== undefined);
}

/** The nearest folder with a mark, else the current one. A string in `refused` says why it cannot be given. */
export function projectOf(cwd: string, guarded: Guarded, facts: PathFacts): { project: string } | { refused: string } {
  if (!cwd.startsWith('/')) return { refused: 'the current folder has no name' };
  const project = nearestMarked(cwd, guarded, facts) ?? cwd;
  const why = whyGuarded(project, guarded);
  return why === undefined ? { project } : { refused: `${project} cannot be given to a confined hook: ${why}` };
}

function nearestMarked(cwd: string, { homes }: Guarded, facts: PathFacts): string | undefined {
  return foldersLookedAt(cwd, homes).find((folder) => hasMark(folder, facts));
}

/** The nearest first. Not the home itself: agents keep folders of these names there. */
export function foldersLookedAt(cwd: string, homes: readonly string[]): string[] {
  const folders: string[] = [];
  let folder = cwd;
  while (folders.length < LIMITS.projectSearchDepthMax) {
    if (folder === '/' || homes.some((home) => isWithin(home, folder))) break;
    folders.push(folder);
    folder = dirname(folder);
  }
  return folders;
}
