/** The project that a call belongs to: what a confined hook sees and, at `restricted`, may write. */
import { dirname } from 'node:path';
import { LIMITS } from '../contract/limits.js';
import { isWithin } from '../contract/secrets.js';
import { type Guarded, whyGuarded } from './guarded.js';
import type { PathFacts } from './paths.js';

const MARKS = ['.git', '.claude', '.codex', '.gemini', '.cursor'];

export function hasMark(folder: string, facts: Pick<PathFacts, 'kind'>): boolean {
  return MARKS.some((mark) => facts.kind(`${folder}/${mark}`) !== undefined);
}

/** The nearest folder with a mark, else the current one. A string in `refused` says why it cannot be given. */
export function projectOf(cwd: string, guarded: Guarded, facts: PathFacts): { project: string } | { refused: string } {
  if (!cwd.startsWith('/')) return { refused: 'the current folder has no name' };
  const project = nearestMarked(cwd, guarded, facts) ?? cwd;
  const why = whyGuarded(project, guarded);
  return why === undefined ? { project } : { refused: `${project} cannot be given to a confined hook: ${why}` };
}

/** Not the home itself: agents keep folders of these names there. */
function nearestMarked(cwd: string, { homes }: Guarded, facts: PathFacts): string | undefined {
  let folder = cwd;
  for (let depth = 0; depth < LIMITS.projectSearchDepthMax; depth++) {
    if (folder === '/' || homes.some((home) => isWithin(home, folder))) return undefined;
    if (hasMark(folder, facts)) return folder;
    folder = dirname(folder);
  }
  return undefined;
}
