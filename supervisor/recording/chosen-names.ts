/** What is kept of the environment of a call: names, never values. That a variable is the current folder, or one above it, tells
 *  nothing that the folder does not. Pure. */
import type { Call } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';

const OF_AGENTS = /^(?:CLAUDE|GEMINI|CODEX|CURSOR|COPILOT|KIRO|QWEN|OPENCODE)[A-Z_]*(?:_|$)/;
const PROJECT = /^[A-Z]+_(?:PROJECT|WORKSPACE)_(?:DIR|ROOT|PATH)$/;
const USED = /\$\{?([A-Za-z_][A-Za-z0-9_]*)/g;

export interface ChosenNames {
  names: string[];
  /** Folders of projects: how many the current one lies below. */
  projects: Record<string, number>;
}

export function chosenNames({ argv, env, cwd }: Pick<Call, 'argv' | 'env' | 'cwd'>): ChosenNames {
  const used = new Set(argv.flatMap((word) => [...word.matchAll(USED)].map(([, name = '']) => name)));
  const names: string[] = [];
  const projects: Record<string, number> = {};
  for (const variable of env) {
    if (names.length === LIMITS.recordingNamesMax) break;
    const equals = variable.indexOf('=');
    const name = variable.slice(0, equals);
    if (!OF_AGENTS.test(name) && !used.has(name)) continue;
    names.push(name);
    const depth = PROJECT.test(name) ? depthBelow(cwd, variable.slice(equals + 1)) : undefined;
    if (depth !== undefined) projects[name] = depth;
  }
  return { names: names.sort(), projects };
}

/** How many folders `path` is below `folder`; undefined where it is not. */
function depthBelow(path: string, folder: string): number | undefined {
  if (path === folder) return 0;
  if (!folder.startsWith('/') || !path.startsWith(`${folder}/`)) return undefined;
  return path.slice(folder.length + 1).split('/').length;
}
