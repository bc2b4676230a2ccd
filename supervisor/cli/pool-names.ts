/** What the Tab key offers for a pool: the names of those there are now, without a word where there is no daemon. */
import { shownName } from '../contract/pool-place.js';
import { ExitCode } from '../contract/status.js';
import type { Context } from './context.js';
import { daemonState } from './daemon-state.js';
import { processRows } from './processes.js';
import { loadSettings } from './settings.js';
import type { NameKind } from './words.js';

export async function poolNames(context: Context, kind: NameKind): Promise<number> {
  const settings = await loadSettings({ ...context, err: () => {} }, {});
  if (!settings.ok) return ExitCode.OK;
  const state = await daemonState(settings.config.runtimeFolder, context.uid);
  if (state.kind !== 'running') return ExitCode.OK;
  const names = state.status.pools.map((pool) => shownName(pool.id, pool));
  if (kind === 'workers')
    names.push(...processRows(state.status).flatMap(({ pool, name }) => (pool === '' ? [] : name)));
  context.out(names.map((name) => `${name}\n`).join(''));
  return ExitCode.OK;
}
