/** The processes of the simulation: what the daemon finds in the place of its native addon. */
import type { Native, SpawnRequest } from '../../../supervisor/native.js';
import type { PoolSpec } from '../../../supervisor/pool/keeper-argv.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import { SimChannel } from './channel.js';
import { PIDS_OF_KEEPER, SimKeeper } from './keeper.js';
import type { ScheduleJudge } from './schedule.js';
import type { World } from './world.js';

const LANDLOCK = 1 << 15;

/** The pool that something of the outside belongs to; undefined: it is not yet made, or has gone. */
export type OfPool = (step: (pool: Pool | undefined, judge: (pool: Pool) => ScheduleJudge) => void) => void;
type Judged = (step: (judge: ScheduleJudge) => void) => void;
type KeeperMade = [pid: number, channel: SimChannel, slots: number, parked: number, layers: number];

export class SimMachine {
  private readonly keepers = new Map<number, SimKeeper>();

  constructor(private readonly world: World) {}

  /** Keepers that live, or are not reaped. */
  get alive(): number {
    return this.keepers.size;
  }

  parentOf(pid: number): number {
    return Math.floor(pid / PIDS_OF_KEEPER);
  }

  /** One process of a keeper. False: it has ended. */
  killWorker(pid: number): boolean {
    return this.keepers.get(this.parentOf(pid))?.killWorker(pid) === true;
  }

  nativeFor(spec: PoolSpec, ofPool: OfPool): Native {
    let channel: SimChannel;
    const judged = (step: (judge: ScheduleJudge) => void) =>
      ofPool((pool, judge) => {
        if (pool !== undefined) step(judge(pool));
      });
    const native = {
      createChannel: () => {
        channel = new SimChannel(-1, this.world.clock, this.world.switchboard);
        channel.onStart = () =>
          ofPool((pool) => {
            if (pool?.target.isClosed) this.world.fail(`${spec.id}: a task begins in it, and it takes none`);
          });
        return channel;
      },
      spawn: ({ argv }: SpawnRequest) => {
        this.world.counts.spawns++;
        if (this.world.isGone) this.world.fail(`${spec.id}: a keeper is started after the end`);
        judged((judge) => judge.spawned(this.world.clock.nowMs()));
        if (this.world.weatherOf(spec.id) === 'cannotSpawn') return { pid: -11 };
        const pid = 100 + this.world.counts.spawns;
        const [slots, parked] = ['--slots', '--parked'].map((name) => Number(argv[argv.indexOf(name) + 1]));
        const layers = spec.confinement === undefined ? 0 : LANDLOCK;
        this.keepers.set(pid, this.keeperOf(spec, judged, [pid, channel, slots ?? 0, parked ?? 0, layers]));
        return { pid };
      },
      reap: (pid: number) => {
        const exit = this.keepers.get(pid)?.exit;
        if (exit !== undefined) this.keepers.delete(pid);
        return exit;
      },
      kill: (pid: number, signal: number) => {
        this.keepers.get(pid)?.kill(signal);
        return 0;
      },
      closeFd() {},
    };
    return native as unknown as Native;
  }

  private keeperOf(spec: PoolSpec, judged: Judged, made: KeeperMade): SimKeeper {
    return new SimKeeper(...made, {
      ...{ clock: this.world.clock, chance: this.world.chance, runtime: spec.runtime },
      weather: () => this.world.weatherOf(spec.id),
      executed: (callId) => this.world.executed(callId),
      parked: () => judged((judge) => judge.parked(this.world.clock.nowMs())),
      taskEnded: () => judged((judge) => judge.taskEnded()),
    });
  }
}
