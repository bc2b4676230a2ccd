/** A daemon between simulated keepers and clients: shipped pools, queue and dispatch; keepers, clock and chance are played. */
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import type { Call, Plan } from '../../../supervisor/contract/call.js';
import type { Confinement } from '../../../supervisor/contract/confinement.js';
import { LIMITS, MIB } from '../../../supervisor/contract/limits.js';
import type { WorkerStatus } from '../../../supervisor/contract/status.js';
import { INHERITED_BYTES } from '../../../supervisor/contract/wire.js';
import { createDispatch } from '../../../supervisor/dispatch.js';
import type { Native, SpawnRequest } from '../../../supervisor/native.js';
import type { Run } from '../../../supervisor/placing/run.js';
import type { PoolSpec } from '../../../supervisor/pool/keeper-argv.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import { type ParkingRoom, Pools } from '../../../supervisor/pool/pools.js';
import { recycleFrom } from '../../../supervisor/pool/recycle.js';
import { CallCounters } from '../../../supervisor/scheduler/counters.js';
import { DeclinedPrograms } from '../../../supervisor/scheduler/declined.js';
import { WaitingCalls } from '../../../supervisor/scheduler/queue.js';
import { SimCaller } from './caller.js';
import { SimChannel } from './channel.js';
import { Chance, SimClock } from './clock.js';
import { SimKeeper, type Weather } from './keeper.js';
import { ScheduleJudge } from './schedule.js';
import { SimSwitchboard } from './switchboard.js';

const INTERPRETERS = ['python', 'node', 'node-2'] as const;
const IDEMPOTENT = 'node';
const LANDLOCK = 1 << 15;
const confinement: Confinement = {
  ...{ level: 'restricted', layers: ['landlock'], network: 'host', read: [], write: [], protect: [] },
  ...{ project: '/p', without: '' },
};
const WARM_MAX = 2;
const QUEUE_MAX = { perPoolMax: 8, totalMax: 12 };

export class World {
  readonly clock = new SimClock();
  readonly chance: Chance;
  readonly callers = new Set<SimCaller>();
  readonly weather = new Map<string, Weather>();
  readonly broken: string[] = [];
  readonly recycledBecause = new Set<string>();
  readonly pools: Pools;
  readonly counts = {
    calls: 0,
    executed: 0,
    crashed: 0,
    lost: 0,
    refused: 0,
    spawns: 0,
    held: 0,
    released: 0,
    retried: 0,
    recycled: 0,
    switched: 0,
    handedOver: 0,
  };
  readonly switchboard: SimSwitchboard;
  private readonly dispatch: ReturnType<typeof createDispatch>;
  private readonly waiting = new WaitingCalls<Run>(QUEUE_MAX);
  private readonly keepers = new Map<number, SimKeeper>();
  private readonly judges = new Map<string, { pool: Pool; judge: ScheduleJudge }>();
  private lastId = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed);
    this.switchboard = new SimSwitchboard(
      this.clock,
      this.chance,
      (...switched) => {
        this.counts.handedOver++;
        this.dispatch.takeOver(...switched);
      },
      (fd) => this.closed(fd),
    );
    this.pools = new Pools(this.spec('exec'), WARM_MAX, this.parkingRoom(), (spec) => this.poolOptions(spec), {
      available: (pool) => this.dispatch.available(pool),
      answeredUntold: () => void this.counts.switched++,
      ...{ failed() {}, violated() {}, scaled() {}, slow() {} },
      restarting: (pool, delayMs) => this.judge(pool).restarting(delayMs, this.clock.nowMs()),
      held: (pool, _cause, holdMs) => {
        this.counts.held++;
        this.judge(pool).held(holdMs, this.clock.nowMs());
      },
      recycling: (pool, because) => this.recycling(pool, because),
      probing: (pool) => this.judge(pool).probing(),
      released: () => void this.counts.released++,
      keeperGone: () => new Promise((done) => void this.clock.after(this.chance.between(1, 20), done)),
    });
    this.dispatch = createDispatch({
      clock: this.clock,
      config: { ...defaultConfig(0), homeFolder: '/h', runtimeFolder: '/r', stateFolder: '/s' },
      place: (call) => this.placed(call),
      execPool: (held) => (held === undefined ? this.pools.forAnyCommand() : this.confinedPool(held)),
      warmPool: ({ interpreter }) => this.pools.forKey(interpreter, () => this.spec(interpreter), false),
      waiting: this.waiting,
      declined: new DeclinedPrograms(this.clock),
      counters: new CallCounters(),
      record() {},
      enforced: () => [],
      cannotInherit: () => undefined,
      seen: () => ({ stamps: new Map(), isOver: true }),
      teach: (route, call, start) => this.switchboard.learn(call.argv[0] ?? '', route, start()),
      forgetRoutes: () => this.switchboard.forget(),
      tell: ({ kind }) => {
        if (kind === 'retried') this.counts.retried++;
      },
      closeFd: (fd) => this.closed(fd),
      standIn: (pool) => pool,
      isStopping: () => false,
    });
    this.pools.exec.start();
    recycleFrom(() => this.pools.all(), this.clock);
  }

  /** A new client with one call; it may lose patience. */
  call(words: string): void {
    const caller = new SimCaller(++this.lastId, words, words === IDEMPOTENT ? 2 : 1, this.chance, this.clock);
    this.callers.add(caller);
    this.counts.calls++;
    const call = this.callOf(caller);
    if (!this.switchboard.takes(call, caller)) this.dispatch.take(call, caller);
  }

  weatherOf(id: string): Weather {
    return this.weather.get(id) ?? 'fine';
  }

  fail(what: string): void {
    this.broken.push(`at ${Math.round(this.clock.nowMs())} ms: ${what}`);
  }

  /** What must hold after each step. */
  check(): void {
    this.switchboard.isLookedAt = true;
    for (const pool of this.pools.all()) this.checkPool(pool);
    this.switchboard.isLookedAt = false;
    const pools = this.pools.all().length;
    if (pools > 1 + WARM_MAX + LIMITS.poolsMax) this.fail(`${pools} pools`);
    if (this.waiting.size > QUEUE_MAX.totalMax) this.fail(`${this.waiting.size} calls wait`);
    if (this.clock.waiting > 2_000) this.fail(`${this.clock.waiting} timers`);
    for (const caller of this.callers) {
      const wrong = caller.wrong();
      if (wrong !== undefined) this.fail(`call ${caller.id} (${caller.words}): ${wrong}`);
      if (caller.isOver) this.settle(caller);
    }
  }

  private settle(caller: SimCaller): void {
    this.callers.delete(caller);
    if (caller.outcome === 'crashed') this.counts.crashed++;
    if (caller.outcome === 'crashed' && caller.executions > 0) this.counts.lost++;
    if (caller.outcome === 'refused') this.counts.refused++;
    if (caller.fdsClosed !== 1) this.fail(`call ${caller.id}: its folder was closed ${caller.fdsClosed} times`);
  }

  private checkPool(pool: Pool): void {
    const { slots, spec, life } = pool;
    const workers = slots.workers();
    const parked = workers.filter(({ state }) => state === 'parked').length;
    const busy = workers.filter(({ state }) => state === 'busy').length;
    if (new Set(workers.map(({ pid }) => pid)).size < workers.length - 1) this.fail(`${spec.id}: one process twice`);
    if (life.isTaking && parked !== slots.parkedCount)
      this.fail(`${spec.id}: ${parked} parked, ${slots.parkedCount} to lease`);
    if (busy !== slots.busyCount) this.fail(`${spec.id}: ${busy} busy, ${slots.busyCount} counted`);
    const channel = life.keeper?.link.channel as SimChannel | undefined;
    const untold = channel === undefined ? [] : this.switchboard.untold(channel);
    const tasks = pool.activeTasks + untold.length;
    if (busy > tasks) this.fail(`${spec.id}: ${busy} busy with ${tasks} tasks`);
    if (life.isTaking && channel !== undefined) this.checkOffers(spec.id, channel, workers, untold);
    if (!life.isTaking && slots.parkedCount > 0) this.fail(`${spec.id}: ${pool.state} with processes to lease`);
    if (life.deaths().length > LIMITS.deathCausesMax) this.fail(`${spec.id}: ${life.deaths().length} causes of death`);
  }

  private recycling({ spec, slots }: Pool, because: string): void {
    this.counts.recycled++;
    this.recycledBecause.add(because);
    const busy = slots.workers().filter(({ state }) => state !== 'parked');
    if (busy.length > 0) this.fail(`${spec.id}: its keeper is replaced with ${busy.length} at work`);
    const pools = this.pools.all();
    const atOnce = pools.filter(({ isRecycling }) => isRecycling).length;
    if (atOnce >= Math.max(1, LIMITS.recycledShareMax * pools.length)) this.fail(`${atOnce + 1} replaced at once`);
  }

  /** What is parked is on offer, or the switchboard has it and has not told of it yet. */
  private checkOffers(id: string, channel: SimChannel, workers: readonly WorkerStatus[], untold: string[]): void {
    const parked = workers.flatMap((one) => (one.state === 'parked' ? [`${one.slot}.${one.generation}`] : []));
    for (const one of parked)
      if (!channel.offered.has(one) && !untold.includes(one)) this.fail(`${id}: ${one} is parked and not on offer`);
    for (const one of channel.offered) {
      if (!parked.includes(one)) this.fail(`${id}: ${one} is on offer and not parked`);
      if (untold.includes(one)) this.fail(`${id}: ${one} is on offer and in use`);
    }
  }

  private callOf(caller: SimCaller): Call {
    return {
      id: caller.id,
      raw: Buffer.alloc(0),
      argv: [caller.words],
      env: [],
      cwd: '/',
      cwdFd: caller.id,
      ...{ shellText: false, mergedOutput: false, explain: false, blocking: false, readersGone: 0 },
      level: undefined,
      timeoutMs: 0,
      inherited: Buffer.alloc(INHERITED_BYTES),
      stdin: Buffer.from('{}'),
      stdinComplete: true,
      receivedAtMs: this.clock.nowMs(),
    };
  }

  private placed(call: Call) {
    const words = call.argv[0] ?? '';
    const held = words === 'restricted' ? confinement : undefined;
    return { kind: 'placed' as const, plan: planOf(words), confinement: held, isIdempotent: words === IDEMPOTENT };
  }

  private confinedPool(held: Confinement): Pool | string {
    return this.pools.forKey('restricted', () => this.spec('restricted', held), true);
  }

  private closed(fd: number): void {
    for (const caller of this.callers) if (caller.id === fd) caller.fdsClosed++;
  }

  private judge(pool: Pool): ScheduleJudge {
    const { id } = pool.spec;
    const known = this.judges.get(id);
    if (known?.pool === pool) return known.judge;
    const judge = new ScheduleJudge((what) => this.fail(`${id}: ${what}`), known?.judge);
    this.judges.set(id, { pool, judge });
    return judge;
  }

  private spec(id: string, held?: Confinement): PoolSpec {
    const runtime = id === 'python' ? 'python' : id.startsWith('node') ? 'node' : 'exec';
    return {
      ...{ id, runtime, describes: id, zygoteArgv: [], env: [], parked: { min: 1, max: 5, first: 3 }, slots: 6 },
      limits: defaultConfig(0).limits,
      confinement: held,
    };
  }

  /** A host that is short of memory, or busy, as often as not. */
  private parkingRoom(): ParkingRoom {
    const readRoom = async () => ({
      spareMemoryBytes: (this.chance.next() - 0.5) * 100 * MIB,
      memoryPressurePercent: this.chance.next() * 2 * LIMITS.memoryPressureMaxPercent,
      cpuPressurePercent: this.chance.next() * 100,
    });
    return { clock: this.clock, memoryMaxBytes: 100 * MIB, readRoom };
  }

  private poolOptions(spec: PoolSpec) {
    return {
      native: this.nativeFor(spec),
      clock: this.clock,
      ...{ keeperFile: '/k', runtimeFolder: '/r', logFd: -1 },
      random: () => this.chance.next(),
      oomKills: () => 0,
      openCgroup: () => undefined,
      openEgress: () => undefined,
    };
  }

  private judged(spec: PoolSpec, step: (judge: ScheduleJudge) => void): void {
    const pool = this.poolOf(spec);
    if (pool !== undefined) step(this.judge(pool));
  }

  private poolOf(spec: PoolSpec): Pool | undefined {
    return this.pools.all().find((pool) => pool.spec.id === spec.id);
  }

  private nativeFor(spec: PoolSpec): Native {
    let channel: SimChannel;
    const native = {
      createChannel: () => {
        channel = new SimChannel(-1, this.clock, this.switchboard);
        return channel;
      },
      spawn: ({ argv }: SpawnRequest) => {
        this.counts.spawns++;
        this.judged(spec, (judge) => judge.spawned(this.clock.nowMs()));
        if (this.weatherOf(spec.id) === 'cannotSpawn') return { pid: -11 };
        const pid = 100 + this.counts.spawns;
        const [slots, parked] = ['--slots', '--parked'].map((name) => Number(argv[argv.indexOf(name) + 1]));
        const layers = spec.confinement === undefined ? 0 : LANDLOCK;
        this.keepers.set(pid, this.keeperOf(spec, pid, channel, slots ?? 0, parked ?? 0, layers));
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

  private keeperOf(spec: PoolSpec, pid: number, channel: SimChannel, slots: number, parked: number, layers: number) {
    return new SimKeeper(pid, channel, slots, parked, layers, {
      ...{ clock: this.clock, chance: this.chance, runtime: spec.runtime },
      weather: () => this.weatherOf(spec.id),
      executed: (callId) => {
        this.counts.executed++;
        for (const caller of this.callers) if (caller.id === callId) caller.executions++;
      },
      parked: () => this.judged(spec, (judge) => judge.parked(this.clock.nowMs())),
      taskEnded: () => this.judged(spec, (judge) => judge.taskEnded()),
    });
  }
}

function planOf(words: string): Plan {
  const fallback = { path: `/bin/${words}`, argv: [words], env: [] };
  const interpreter = INTERPRETERS.find((one) => one === words);
  if (interpreter === undefined) return { kind: 'exec', ...fallback, reason: '', throughShell: false };
  const runtime = interpreter === 'python' ? 'python' : 'node';
  return {
    ...{ kind: 'interpreter', runtime, interpreter, flags: [], startEnv: [], argv: [words, 'h'], env: [] },
    program: { mode: 'script', index: 1 },
    fallback,
    throughShell: false,
  };
}
