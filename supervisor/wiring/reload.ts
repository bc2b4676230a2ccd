/** A new configuration for a daemon that runs: read, compared, and taken over only if it can serve calls. */
import { changesOf, withoutRestart } from '../config/changes.js';
import type { LoadedConfig } from '../config/load.js';
import type { Planned, Reloaded } from '../contract/changes.js';
import type { Config } from '../contract/config.js';
import type { Tell } from '../contract/happening.js';
import type { DaemonLife } from './daemon-life.js';
import { NOT_NOW } from './daemon-state.js';
import type { ServiceManager } from './service-manager.js';
import { problemText } from './start-failure.js';

export interface ReloadRooms {
  life: DaemonLife;
  /** Reads everything anew that the configuration is made of. */
  load(): LoadedConfig;
  /** In force now. */
  config(): Config;
  poolIds(): string[];
  /** Has calls served by `next`. A string says why not; then all is as before. */
  takeOver(next: Readonly<Config>, replacesPools: boolean): Promise<string | undefined>;
  /** That was taken over, as far as it needs no restart. */
  taken(loaded: Extract<LoadedConfig, { ok: true }>): void;
  tell: Tell;
  service: Pick<ServiceManager, 'reloading' | 'ready'>;
}

export interface Reload {
  plan(): Planned;
  reload(): Promise<Reloaded>;
}

export function createReload(rooms: ReloadRooms): Reload {
  const { life, load, config, poolIds, takeOver, tell, service } = rooms;

  function planned(loaded: LoadedConfig): Planned {
    if (!loaded.ok) return loaded;
    const changes = changesOf(config(), loaded.config);
    const poolsReplaced = changes.some(({ takesEffect }) => takesEffect === 'pools') ? poolIds() : [];
    return { ok: true, plan: { schema: 'supervisor.plan/v1', changes, poolsReplaced, notes: loaded.notes } };
  }

  async function begin(): Promise<Reloaded> {
    const loaded = load();
    const answer = planned(loaded);
    if (!loaded.ok || !answer.ok) return answer;
    const { changes, poolsReplaced } = answer.plan;
    const now = changes.filter(({ takesEffect }) => takesEffect !== 'restart');
    if (now.length === 0) {
      rooms.taken(loaded);
      return answer;
    }
    const why = await takeOver(withoutRestart(config(), loaded.config), poolsReplaced.length > 0);
    if (why !== undefined) return { ok: false, notTaken: why };
    const inputs = Object.fromEntries(now.map(({ keyPath, from, to }) => [keyPath, `${from} -> ${to}`]));
    rooms.taken(loaded);
    tell({ kind: 'reloaded', about: `new configuration: ${now.map(({ keyPath }) => keyPath).join(', ')}`, inputs });
    return answer;
  }

  return {
    plan: () => planned(load()),
    async reload() {
      const isBegun = life.input('reload');
      // A manager waits for the end of what it has asked for, also where that never began. Of one under way it will be told.
      const isTold = isBegun || life.state === 'handingOver';
      if (isTold) service.reloading();
      const answer: Reloaded = isBegun
        ? await begin().finally(() => life.input('reloaded'))
        : { ok: false, notTaken: NOT_NOW[life.state] };
      const notTaken = answer.ok ? undefined : `the configuration stays as it was: ${whyNot(answer)}`;
      if (notTaken !== undefined) tell({ kind: 'notReloaded', about: notTaken });
      if (isTold && !life.isStopping) service.ready(notTaken ?? 'serving');
      return answer;
    },
  };
}

function whyNot(answer: Reloaded & { ok: false }): string {
  return 'notTaken' in answer ? answer.notTaken : answer.problems.map(problemText).join('; ');
}
