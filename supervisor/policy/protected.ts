/** What a hook that writes a project must not change there: it is executed or obeyed later, outside of any sandbox. */
import { isWithin } from '../contract/secrets.js';
import type { PathFacts } from './paths.js';

/** Held even where it is not there yet: a new one would be taken as it stands. */
const HELD = ['.claude', '.codex', '.gemini', '.cursor', '.agents', '.vscode'];
/** Kept as it is where it exists. Were an absent one held, the empty folder would mislead the tools that look for it. What
 *  somebody runs by name (make, npm) is not here: that is what a hook may have to change. */
const KEPT = [
  // Obeyed by agents in every session to come, or run by them.
  ...['.mcp.json', '.cursorrules', '.clinerules', 'CLAUDE.md', 'CLAUDE.local.md', 'AGENTS.md', 'GEMINI.md'],
  ...['.opencode', 'opencode.json', '.windsurf', '.windsurfrules', '.kiro', '.roo', '.aider.conf.yml'],
  // Run or asked for what to run by a shell that enters the folder, and by the shims of python, node, cargo, npm.
  ...['.envrc', 'mise.toml', '.mise.toml', 'mise.local.toml', '.mise', '.config/mise', '.config/mise.toml'],
  ...['.tool-versions', '.python-version', '.cargo', 'rust-toolchain', 'rust-toolchain.toml'],
  ...['.npmrc', '.yarnrc.yml', '.yarn/releases', '.yarn/plugins', '.venv', 'venv'],
  // Run by git's hooks, which themselves lie in the repository.
  ...['.husky', 'lefthook.yml', '.lefthook.yml', 'lefthook-local.yml', '.lefthook', '.pre-commit-config.yaml'],
  ...['.lintstagedrc', '.lintstagedrc.json'],
  // Run by whoever opens the folder in an editor, or pushes it.
  ...['.devcontainer', '.devcontainer.json', '.idea', '.zed', '.helix', '.exrc', '.github'],
];
const IN_REPOSITORY = ['hooks', 'config'];

/** Whoever gives a path by name accepts that it is written. */
export function isGiven(path: string, folder: string, write: readonly string[]): boolean {
  return write.some((given) => given !== folder && isWithin(path, given));
}

/** @param folder is written, with all that is below it but the paths returned.
 *  @param write what the configuration gives by name. */
export function protectedPaths(folder: string, write: readonly string[], facts: PathFacts): string[] {
  const held = HELD.map((name) => `${folder}/${name}`);
  const kept = KEPT.map((name) => `${folder}/${name}`).filter((path) => facts.kind(path) !== undefined);
  const mine = [...held, ...kept].filter((path) => !isGiven(path, folder, write));
  return [...mine, ...repositoryPaths(`${folder}/.git`, write, facts)];
}

/** The repository as a whole: with `hooks` and `config` alone, a hook could write a `commondir` beside them, and git would
 *  take both from elsewhere. Whoever names the folder in `write` accepts that, and still keeps the two. */
function repositoryPaths(repository: string, write: readonly string[], facts: PathFacts): string[] {
  if (!write.includes(repository) || facts.kind(repository) !== 'folder') return [repository];
  return IN_REPOSITORY.map((name) => `${repository}/${name}`);
}
