/** A daemon between simulated keepers and clients: shipped pools, sets of them, queue, dispatch, reload, stop and what an operator
 *  may do; keepers, clock and chance are played. */
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import type { Call, Plan } from '../../../supervisor/contract/call.js';
import type { Config } from '../../../supervisor/contract/config.js';
import type { Confinement } from '../../../supervisor/contract/confinement.js';
import { LIMITS, MIB } from '../../../supervisor/contract/limits.js';
import { INHERITED_BYTES } from '../../../supervisor/contract/wire.js';
import { createDispatch } from '../../../supervisor/dispatch.js';
import { Journal } from '../../../supervisor/monitor/journal.js';
import { LastTasks } from '../../../supervisor/monitor/last-tasks.js';
import type { Run } from '../../../supervisor/placing/run.js';
import type { PoolSpec } from '../../../supervisor/pool/keeper-argv.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import { type ParkingRoom, Pools } from '../../../supervisor/pool/pools.js';
import { recycleFrom } from '../../../supervisor/pool/recycle.js';
import { specUnder } from '../../../supervisor/pool/specs.js';
import { DRAINED } from '../../../supervisor/pool/target.js';
import type { Recorder } from '../../../supervisor/recording/recorder.js';
import { CallCounters } from '../../../supervisor/scheduler/counters.js';
import { DeclinedPrograms } from '../../../supervisor/scheduler/declined.js';
import { WaitingCalls } from '../../../supervisor/scheduler/queue.js';
import { DaemonLife } from '../../../supervisor/wiring/daemon-life.js';
import { operatorHandlers } from '../../../supervisor/wiring/operator.js';
import { PoolSets } from '../../../supervisor/wiring/pool-sets.js';
import { replacePools } from '../../../supervisor/wiring/pools-maker.js';
import { createReload, type Reload } from '../../../supervisor/wiring/reload.js';
import { createStop } from '../../../supervisor/wiring/shutdown.js';
import { loadedOf } from '../../lib/loaded-config.js';
import { SimCaller } from './caller.js';
import { Chance, SimClock } from './clock.js';
import { PoolInvariants } from './invariants.js';
import type { Weather } from './keeper.js';
import { type OfPool, SimMachine } from './machine.js';
import { ScheduleJudge } from './schedule.js';
import { SimSwitchboard } from './switchboard.js';

const INTERPRETERS = ['python', 'node', 'node-2'] as const;
const IDEMPOTENT = 'node';
const confinement: Confinement = {
  ...{ level: 'restricted', layers: ['landlock'], network: 'host', read: [], write: [], protect: [] },
  ...{ project: '/p', without: '' },
};
const WARM_MAX = 2;
const ESRCH = 3;

const QUEUE_MAX = { perPoolMax: 8, totalMax: 12 };

export class World {
  readonly clock = new SimClock();
  readonly chance: Chance;
  readonly callers = new Set<SimCaller>();
  readonly weather = new Map<string, Weather>();
  readonly broken: string[] = [];
  readonly recycledBecause = new Set<string>();
  readonly pools: PoolSets;
  readonly life: DaemonLife;
  readonly operator: ReturnType<typeof operatorHandlers>;
  readonly stop: ReturnType<typeof createStop>;
  isGone = false;
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
    kicked: 0,
    reloaded: 0,
    notReloaded: 0,
  };
  readonly switchboard: SimSwitchboard;
  private readonly dispatch: ReturnType<typeof createDispatch>;
  private readonly waiting = new WaitingCalls<Run>(QUEUE_MAX);
  readonly machine = new SimMachine(this);
  private readonly judges = new Map<string, { pool: Pool; judge: ScheduleJudge }>();
  private readonly counters = new CallCounters();
  private readonly reloading: Reload;
  private readonly invariants: PoolInvariants;
  private config: Config = {
    ...{ ...defaultConfig(0), homeFolder: '/h', runtimeFolder: '/r', stateFolder: '/s', slotsPerPool: 6 },
    parked: { exec: { min: 1, max: 5 }, python: { min: 1, max: 5 }, node: { min: 1, max: 5 } },
  };
  private wanted = this.config;
  private isListening = true;
  private sets = 0;
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
    this.invariants = new PoolInvariants(this.clock, this.switchboard);
    this.life = new DaemonLife(this.clock);
    this.pools = new PoolSets(this.makePools(this.config), this.clock);
    this.dispatch = createDispatch({
      clock: this.clock,
      config: this.config,
      place: (call) => this.placed(call),
      execPool: (held) => this.execPool(held),
      warmPool: ({ runtime, interpreter }) =>
        runtime === 'python' && !this.config.pythonWarm
          ? 'switched off'
          : this.pools.current.forKey(interpreter, () => this.spec(interpreter, this.config), false),
      waiting: this.waiting,
      declined: new DeclinedPrograms(this.clock),
      counters: this.counters,
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
      standIn: (pool) => this.pools.standIn(pool),
      isStopping: () => this.life.isStopping,
    });
    this.pools.current.exec.start();
    const endRecycling = recycleFrom(() => this.pools.all(), this.clock);
    this.operator = operatorHandlers({
      ...{ pools: this.pools, enforced: [], hasGroups: false, tell() {}, wallMs: () => this.clock.nowMs() },
      ...{ journal: new Journal(() => 0), lastTasks: new LastTasks(() => 0), recorder: {} as Recorder },
      native: { kill: (pid) => this.killWorker(pid) },
      parentOf: (pid) => this.machine.parentOf(pid),
      validating: { status: () => [], clearCache: () => 0 },
      forgetRoutes: () => this.switchboard.forget(),
    });
    this.reloading = createReload({
      ...{
        life: this.life,
        config: () => this.config,
        poolIds: () => this.pools.current.all().map(({ spec }) => spec.id),
        service: { reloading() {}, ready() {} },
      },
      load: () => loadedOf(this.wanted),
      taken() {},
      takeOver: (next, replacesPools) => this.takeOver(next, replacesPools),
      tell: ({ kind }) => void this.counts[kind === 'reloaded' ? 'reloaded' : 'notReloaded']++,
    });
    this.stop = createStop({
      ...{ life: this.life, hurryPredecessor() {}, begin() {}, activeCalls: () => this.counters.snapshot().active },
      settle: () => {
        for (const pool of this.pools.all()) pool.settle();
      },
      closeIntake: () => {
        this.isListening = false;
        endRecycling();
      },
      closeRooms: () => [() => this.pools.stopAll(), () => this.dispatch.refuseWaiting()],
      leave: () => {
        this.isGone = true;
      },
    });
    this.life.input('ready');
  }

  /** A new client with one call; it may lose patience. */
  call(words: string): void {
    if (!this.isListening) return;
    const caller = new SimCaller(++this.lastId, words, words === IDEMPOTENT ? 2 : 1, this.chance, this.clock);
    this.callers.add(caller);
    this.counts.calls++;
    const call = this.callOf(caller);
    if (!this.switchboard.takes(call, caller)) this.dispatch.take(call, caller);
  }

  weatherOf(id: string): Weather {
    return this.weather.get(id) ?? 'fine';
  }

  /** The configuration is another one, and the daemon is told to take it over. */
  async reload(change: Partial<Config>): Promise<void> {
    this.wanted = { ...this.wanted, ...change };
    await this.reloading.reload();
  }

  /** What a kick of a whole pool means for its schedule. */
  kicked(pool: Pool): void {
    this.judge(pool, this.pools.placeOf(pool).set).kicked(this.clock.nowMs());
  }

  /** User code of a call runs. */
  executed(callId: number): void {
    this.counts.executed++;
    for (const caller of this.callers) if (caller.id === callId) caller.executions++;
  }

  fail(what: string): void {
    this.broken.push(`at ${Math.round(this.clock.nowMs())} ms: ${what}`);
  }

  /** What must hold after each step. */
  check(): void {
    this.switchboard.isLookedAt = true;
    for (const what of this.invariants.broken(this.pools.all())) this.fail(what);
    this.switchboard.isLookedAt = false;
    const pools = this.pools.all().length;
    const setsMax = 1 + LIMITS.leavingPoolSetsMax + 1;
    if (pools > setsMax * (1 + WARM_MAX + LIMITS.poolsMax)) this.fail(`${pools} pools`);
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

  private recycling({ spec, slots }: Pool, because: string): void {
    this.counts.recycled++;
    this.recycledBecause.add(because);
    const busy = slots.workers().filter(({ state }) => state !== 'parked');
    if (busy.length > 0) this.fail(`${spec.id}: its keeper is replaced with ${busy.length} at work`);
    const pools = this.pools.all();
    const atOnce = pools.filter(({ isRecycling }) => isRecycling).length;
    if (atOnce >= Math.max(1, LIMITS.recycledShareMax * pools.length)) this.fail(`${atOnce + 1} replaced at once`);
  }

  private callOf(caller: SimCaller): Call {
    return {
      id: caller.id,
      raw: Buffer.from('a call'),
      argv: [caller.words],
      env: [],
      cwd: '/',
      cwdFd: caller.id,
      ...{ isEvent: false, shellText: false, mergedOutput: false, explain: false, blocking: false, readersGone: 0 },
      level: undefined,
      timeoutMs: 0,
      inherited: Buffer.alloc(INHERITED_BYTES),
      stdin: Buffer.from('{}'),
      stdinComplete: true,
      receivedAtMs: this.clock.nowMs(),
      clientPid: 0,
    };
  }

  private placed(call: Call) {
    const words = call.argv[0] ?? '';
    const held = words === 'restricted' ? confinement : undefined;
    return { kind: 'placed' as const, plan: planOf(words), confinement: held, isIdempotent: words === IDEMPOTENT };
  }

  private execPool(held: Confinement | undefined): Pool | string {
    const { current } = this.pools;
    if (held !== undefined) return current.forKey('restricted', () => this.spec('restricted', this.config, held), true);
    return current.exec.target.isDrained ? DRAINED : current.forAnyCommand();
  }

  private async takeOver(next: Readonly<Config>, replacesPools: boolean): Promise<string | undefined> {
    if (replacesPools) {
      const why = await replacePools(this.pools, (config) => this.makePools(config), next, this.clock);
      if (why !== undefined) return why;
    }
    this.config = next;
    this.switchboard.forget();
    for (const pool of this.pools.current.all()) this.dispatch.available(pool);
    return undefined;
  }

  private makePools(config: Readonly<Config>): Pools {
    const set = ++this.sets;
    const judge = (pool: Pool) => this.judge(pool, set);
    const poolOf = ({ id }: PoolSpec) => pools.all().find(({ spec }) => spec.id === id);
    const pools: Pools = new Pools(
      this.spec('exec', config),
      WARM_MAX,
      this.parkingRoom(),
      (spec) => this.poolOptions(spec, (step) => step(poolOf(spec), judge)),
      {
        available: (pool) => {
          if (pools === this.pools.current) this.dispatch.available(pool);
        },
        answeredUntold: () => {
          this.counts.switched++;
          this.counters.takenBySwitchboard();
          this.counters.outcome('answered', 'worker');
        },
        ...{ failed() {}, violated() {}, scaled() {}, slow() {} },
        restarting: (pool, delayMs) => judge(pool).restarting(delayMs, this.clock.nowMs()),
        held: (pool, _cause, holdMs) => {
          this.counts.held++;
          judge(pool).held(holdMs, this.clock.nowMs());
        },
        recycling: (pool, because) => this.recycling(pool, because),
        probing: (pool) => judge(pool).probing(),
        released: () => void this.counts.released++,
        keeperGone: () => new Promise((done) => void this.clock.after(this.chance.between(1, 20), done)),
      },
      set,
    );
    return pools;
  }

  private closed(fd: number): void {
    for (const caller of this.callers) if (caller.id === fd) caller.fdsClosed++;
  }

  private judge(pool: Pool, set: number): ScheduleJudge {
    const id = `${pool.spec.id}@${set}`;
    const known = this.judges.get(id);
    if (known?.pool === pool) return known.judge;
    const judge = new ScheduleJudge((what) => this.fail(`${id}: ${what}`), known?.judge);
    this.judges.set(id, { pool, judge });
    return judge;
  }

  private spec(id: string, config: Readonly<Config>, held?: Confinement): PoolSpec {
    const runtime = id === 'python' ? 'python' : id.startsWith('node') ? 'node' : 'exec';
    const bare: PoolSpec = {
      ...{ id, runtime, describes: id, zygoteArgv: [], env: [], parked: { min: 1, max: 5, first: 3 }, slots: 6 },
      limits: config.limits,
      confinement: held,
    };
    return specUnder(config, bare) ?? bare;
  }

  private killWorker(pid: number): number {
    if (!this.machine.killWorker(pid)) return -ESRCH;
    this.counts.kicked++;
    this.invariants.killed.add(pid);
    return 0;
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

  private poolOptions(spec: PoolSpec, ofPool: OfPool) {
    return {
      native: this.machine.nativeFor(spec, ofPool),
      clock: this.clock,
      ...{ keeperFile: '/k', runtimeFolder: '/r', logFd: -1 },
      random: () => this.chance.next(),
      oomKills: () => 0,
      openCgroup: () => undefined,
      openEgress: () => undefined,
    };
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
