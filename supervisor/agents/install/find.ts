/** What an agent has on this machine: its files, read, and those that are only told of. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Agent, AgentFile, Surroundings } from '../agent.js';
import { readSettingsFile, type SettingsFile } from './read-file.js';

/** Entries of one folder, and files in all, that are looked at. */
const NAMES_MAX = 256;
const FILES_MAX = 1_024;

export type Found = { file: AgentFile; content: Exclude<SettingsFile, { kind: 'absent' }> };

export function surroundings(env: NodeJS.ProcessEnv, cwd: string | undefined): Surroundings {
  return { env, folders: cwd === undefined ? [] : foldersToRepositoryRoot(cwd), names };
}

export function findFiles(agent: Agent, where: Surroundings): Found[] {
  return agent
    .files(where)
    .slice(0, FILES_MAX)
    .flatMap((file): Found[] => {
      const content = readSettingsFile(file.path);
      return content.kind === 'absent' ? [] : [{ file, content }];
    });
}

/** Files with hooks that are not rewritten, each with a word. */
export function findElsewhere(agent: Agent, where: Surroundings): { path: string; what: string }[] {
  return agent
    .elsewhere(where)
    .slice(0, FILES_MAX)
    .flatMap(({ path, what, mark }) => {
      const content = readSettingsFile(path);
      return content.kind === 'read' && mark.test(content.text) ? [{ path, what }] : [];
    });
}

/** Outside a repository only the folder itself. */
function foldersToRepositoryRoot(cwd: string): string[] {
  const folders = [cwd];
  for (let folder = cwd; !existsSync(join(folder, '.git')); folder = dirname(folder)) {
    if (folder === dirname(folder)) return [cwd];
    folders.push(dirname(folder));
  }
  return folders;
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort().slice(0, NAMES_MAX);
  } catch {
    return [];
  }
}
