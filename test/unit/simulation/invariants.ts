/** What must hold of each pool after every step. */
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { WorkerStatus } from '../../../supervisor/contract/status.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import type { SimChannel } from './channel.js';
import type { SimClock } from './clock.js';
import type { SimSwitchboard } from './switchboard.js';

/** Tasks take three seconds at most, and a keeper that stands still is noticed within fifteen. */
const REST_WITHIN_MS = 60_000;

export class PoolInvariants {
  /** Parked processes that the operator has killed. */
  readonly killed = new Set<number>();
  /** Pools that take no calls, since when they have processes all the same, and since when they leave. */
  private readonly restless = new Map<Pool, number>();
  private readonly leaving = new Map<Pool, number>();

  constructor(
    private readonly clock: SimClock,
    private readonly switchboard: SimSwitchboard,
  ) {}

  broken(pools: readonly Pool[]): string[] {
    for (const known of [this.restless, this.leaving])
      for (const pool of known.keys()) if (!pools.includes(pool)) known.delete(pool);
    return pools.flatMap((pool) => this.ofPool(pool).map((what) => `${pool.spec.id}: ${what}`));
  }

  private ofPool(pool: Pool): string[] {
    const { slots, life } = pool;
    const workers = slots.workers();
    const parked = workers.filter(({ state }) => state === 'parked').length;
    const busy = workers.filter(({ state }) => state === 'busy').length;
    const channel = life.keeper?.link.channel as SimChannel | undefined;
    const untold = channel === undefined ? [] : this.switchboard.untold(channel);
    const tasks = pool.activeTasks + untold.length;
    const back = workers.find(({ pid }) => this.killed.has(pid));
    return [
      ...(back === undefined ? [] : [`${back.pid} has been kicked, and is ${back.state}`]),
      ...(new Set(workers.map(({ pid }) => pid)).size < workers.length - 1 ? ['one process twice'] : []),
      ...(life.isTaking && parked !== slots.parkedCount ? [`${parked} parked, ${slots.parkedCount} to lease`] : []),
      ...(busy === slots.busyCount ? [] : [`${busy} busy, ${slots.busyCount} counted`]),
      ...(busy > tasks ? [`${busy} busy with ${tasks} tasks`] : []),
      ...(life.isTaking && channel !== undefined ? brokenOffers(channel, workers, untold) : []),
      ...(!life.isTaking && slots.parkedCount > 0 ? [`${pool.state} with processes to lease`] : []),
      ...(life.deaths().length > LIMITS.deathCausesMax ? [`${life.deaths().length} causes of death`] : []),
      ...this.ofClosed(pool, workers.length),
    ];
  }

  /** One that takes no calls comes to rest, and one of an earlier configuration goes. */
  private ofClosed(pool: Pool, workers: number): string[] {
    const { target, activeTasks } = pool;
    const { isClosed, isLeaving } = target;
    const isRestless = this.lasts(this.restless, pool, isClosed && workers + activeTasks > 0);
    return [
      ...(isRestless ? [`it takes no calls, and has ${workers} processes and ${activeTasks} tasks`] : []),
      ...(this.lasts(this.leaving, pool, isLeaving)
        ? ['its configuration is not in force, and it is still there']
        : []),
    ];
  }

  private lasts(since: Map<Pool, number>, pool: Pool, isSo: boolean): boolean {
    const nowMs = this.clock.nowMs();
    const sinceMs = since.get(pool) ?? nowMs;
    if (isSo) since.set(pool, sinceMs);
    else since.delete(pool);
    return isSo && nowMs - sinceMs > REST_WITHIN_MS;
  }
}

/** What is parked is on offer, or the switchboard has it and has not told of it yet. */
function brokenOffers(channel: SimChannel, workers: readonly WorkerStatus[], untold: readonly string[]): string[] {
  const parked = workers.flatMap((one) => (one.state === 'parked' ? [`${one.slot}.${one.generation}`] : []));
  return [
    ...parked
      .filter((one) => !channel.offered.has(one) && !untold.includes(one))
      .map((one) => `${one} is parked and not on offer`),
    ...[...channel.offered].filter((one) => !parked.includes(one)).map((one) => `${one} is on offer and not parked`),
    ...[...channel.offered].filter((one) => untold.includes(one)).map((one) => `${one} is on offer and in use`),
  ];
}
