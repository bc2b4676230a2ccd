/** Which files of an agent are meant. */
import type { Scope } from '../agents/agent.js';

export interface ScopeOptions {
  user?: boolean;
  project?: boolean;
  local?: boolean;
  plugins?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

/** Those that were named; undefined where none was. */
export function scopesNamed({ user, project, local, plugins }: ScopeOptions): Scope[] | undefined {
  const named: [Scope, boolean | undefined][] = [
    ['user', user],
    ['project', project],
    ['local', local],
    ['plugin', plugins],
  ];
  const scopes = named.flatMap(([scope, isNamed]) => (isNamed ? [scope] : []));
  return scopes.length === 0 ? undefined : scopes;
}
