/** What a hook that writes a project must not change there: it is executed or obeyed later, outside of any sandbox. */
import { isWithin } from '../contract/secrets.js';
import type { PathFacts } from './paths.js';

/** Held even where it is not there yet: a new one would be taken as it stands. */
const HELD = ['.claude', '.codex', '.gemini', '.cursor', '.agents', '.vscode'];
/** Kept as it is where it exists. Were an absent one held, the empty folder would mislead the tools that look for it. */
const KEPT = [
  ...['.envrc', '.husky', '.venv', 'venv', '.devcontainer', '.github', '.mcp.json', '.cursorrules', '.clinerules'],
  ...['CLAUDE.md', 'CLAUDE.local.md', 'AGENTS.md', 'GEMINI.md'], // agents obey them in every session to come
];
const IN_REPOSITORY = ['hooks', 'config'];

/** @param folder is written, with all that is below it but the paths returned.
 *  @param write what the configuration gives by name. */
export function protectedPaths(folder: string, write: readonly string[], facts: PathFacts): string[] {
  const held = HELD.map((name) => `${folder}/${name}`);
  const kept = KEPT.map((name) => `${folder}/${name}`).filter((path) => facts.kind(path) !== undefined);
  const isGiven = (path: string) => write.some((given) => isWithin(path, given) && given !== folder);
  return [...[...held, ...kept].filter((path) => !isGiven(path)), ...repositoryPaths(`${folder}/.git`, write, facts)];
}

/** The repository as a whole: with `hooks` and `config` alone, a hook could write a `commondir` beside them, and git would
 *  take both from elsewhere. Whoever names the folder in `write` accepts that, and still keeps the two. */
function repositoryPaths(repository: string, write: readonly string[], facts: PathFacts): string[] {
  if (!write.includes(repository) || facts.kind(repository) !== 'folder') return [repository];
  return IN_REPOSITORY.map((name) => `${repository}/${name}`);
}
