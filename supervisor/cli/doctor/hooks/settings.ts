/** The hooks in Claude Code's settings files. Only read; a file that is not what it should be is told, never an error. */
import { claude } from '../../../agents/claude.js';
import { surroundings } from '../../../agents/install/find.js';
import { readBounded, type UnreadText } from '../../../policy/bounded-text.js';
import type { Scope } from './launchers.js';

export interface SettingsFile {
  path: string;
  scope: Scope;
}

export interface CommandHook {
  event: string;
  command: string;
  /** Undefined where `command` is a text for a shell. */
  args: readonly string[] | undefined;
}

export type ReadSettings = UnreadText | { kind: 'read'; hooks: CommandHook[] };

/** The user's, then those from `cwd` up to the root of its repository. Outside a repository only those of `cwd`. */
export function settingsFiles(env: NodeJS.ProcessEnv, cwd: string | undefined): SettingsFile[] {
  return claude.files(surroundings(env, cwd)).flatMap(({ path, scope }): SettingsFile[] => {
    if (scope === 'user') return [{ path, scope }];
    return scope === 'project' || scope === 'local' ? [{ path, scope: 'project' }] : [];
  });
}

export function readSettings(path: string): ReadSettings {
  const text = readBounded(path);
  if (text.kind !== 'text') return text;
  try {
    return { kind: 'read', hooks: commandHooks(JSON.parse(text.text)) };
  } catch (error) {
    return { kind: 'unreadable', reason: `is not valid JSON: ${(error as Error).message}` };
  }
}

/** One malformed entry costs only itself, as it does in the agent. */
function commandHooks(settings: unknown): CommandHook[] {
  return Object.entries(objectOf(objectOf(settings).hooks)).flatMap(([event, groups]) =>
    listOf(groups)
      .flatMap((group) => listOf(objectOf(group).hooks))
      .map(objectOf)
      .flatMap(({ type, command, args }): CommandHook[] => {
        if (type !== 'command' || typeof command !== 'string') return [];
        const words = Array.isArray(args) ? args.filter((word) => typeof word === 'string') : undefined;
        return [{ event, command, args: words }];
      }),
  );
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
