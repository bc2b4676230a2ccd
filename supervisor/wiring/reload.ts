/** A new configuration for a daemon that runs: read, compared, and taken over only if it can serve calls. */
import { changesOf, withoutRestart } from '../config/changes.js';
import type { LoadedConfig } from '../config/load.js';
import type { Planned, Reloaded } from '../contract/changes.js';
import type { Config } from '../contract/config.js';
import type { Tell } from '../contract/happening.js';
import type { ServiceManager } from './service-manager.js';
import { problemText } from './start-failure.js';

export interface ReloadRooms {
  /** Reads everything anew that the configuration is made of. */
  load(): LoadedConfig;
  /** Why nothing can be taken over now. */
  obstacle(): string | undefined;
  /** In force now. */
  config(): Config;
  poolIds(): string[];
  /** Has calls served by `next`. A string says why not; then all is as before. */
  takeOver(next: Readonly<Config>, replacesPools: boolean): Promise<string | undefined>;
  tell: Tell;
  service: Pick<ServiceManager, 'reloading' | 'ready'>;
}

export interface Reload {
  plan(): Planned;
  reload(): Promise<Reloaded>;
  isUnderWay(): boolean;
}

export function createReload({ load, obstacle, config, poolIds, takeOver, tell, service }: ReloadRooms): Reload {
  let isUnderWay = false;

  function planned(loaded: LoadedConfig): Planned {
    if (!loaded.ok) return loaded;
    const changes = changesOf(config(), loaded.config);
    const poolsReplaced = changes.some(({ takesEffect }) => takesEffect === 'pools') ? poolIds() : [];
    return { ok: true, plan: { schema: 'supervisor.plan/v1', changes, poolsReplaced, notes: loaded.notes } };
  }

  async function begin(): Promise<Reloaded> {
    const why = obstacle();
    if (why !== undefined) return { ok: false, notTaken: why };
    const loaded = load();
    const answer = planned(loaded);
    if (!loaded.ok || !answer.ok) return answer;
    const { changes, poolsReplaced } = answer.plan;
    const now = changes.filter(({ takesEffect }) => takesEffect !== 'restart');
    if (now.length === 0) return answer;
    const unfit = await takeOver(withoutRestart(config(), loaded.config), poolsReplaced.length > 0);
    if (unfit !== undefined) return { ok: false, notTaken: unfit };
    const inputs = Object.fromEntries(now.map(({ keyPath, from, to }) => [keyPath, `${from} -> ${to}`]));
    tell({ kind: 'reloaded', about: `new configuration: ${now.map(({ keyPath }) => keyPath).join(', ')}`, inputs });
    return answer;
  }

  return {
    plan: () => planned(load()),
    isUnderWay: () => isUnderWay,
    async reload() {
      if (isUnderWay) return { ok: false, notTaken: 'another reload is under way' };
      isUnderWay = true;
      service.reloading();
      const answer = await begin().finally(() => {
        isUnderWay = false;
      });
      const notTaken = answer.ok ? undefined : `the configuration stays as it was: ${whyNot(answer)}`;
      if (notTaken !== undefined) tell({ kind: 'notReloaded', about: notTaken });
      service.ready(notTaken ?? 'serving');
      return answer;
    },
  };
}

function whyNot(answer: Reloaded & { ok: false }): string {
  return 'notTaken' in answer ? answer.notTaken : answer.problems.map(problemText).join('; ');
}
