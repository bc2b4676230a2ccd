/** Composition root of the daemon: configuration -> rooms -> wires; signals; stops in reverse order. */
import './tune.js';
import { rmSync } from 'node:fs';
import { getPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { groupsOf } from './cgroup/base.js';
import { hostFacts as hostCgroupFacts, selectDriver } from './cgroup/select.js';
import type { Call } from './contract/call.js';
import { type Clock, systemClock } from './contract/clock.js';
import type { Config } from './contract/config.js';
import { LIMITS } from './contract/limits.js';
import { type Degraded, ExitCode } from './contract/status.js';
import { VERSION } from './contract/version.js';
import { createDispatch } from './dispatch.js';
import { cannotInherit, ownState } from './intake/inherited.js';
import { type Caller, callIds } from './intake/intake.js';
import { refusePeer } from './intake/peer.js';
import { isolationFacts } from './isolation/facts.js';
import { HostLayers } from './isolation/host-layers.js';
import { probeLayers } from './isolation/probe.js';
import { DeniedWatch } from './monitor/denied.js';
import { hostRoomReader } from './monitor/host-room.js';
import { Journal } from './monitor/journal.js';
import { LastTasks } from './monitor/last-tasks.js';
import { type Connection, loadNative } from './native.js';
import type { Route } from './placing/rooms.js';
import type { Run } from './placing/run.js';
import { recycleFrom } from './pool/recycle.js';
import { watchStrays } from './pool/strays.js';
import { parentOf } from './process-stat.js';
import { hostFacts } from './router/facts.js';
import { encodeSeen } from './router/lookups.js';
import { CallCounters } from './scheduler/counters.js';
import { DeclinedPrograms } from './scheduler/declined.js';
import { WaitingCalls } from './scheduler/queue.js';
import { recordLife } from './store/life.js';
import { openStore } from './store/store.js';
import { writerThread } from './store/thread.js';
import { activatedSocket } from './wiring/activation.js';
import { DaemonLife } from './wiring/daemon-life.js';
import { callSocketIn, Doors, removeControlSocket } from './wiring/doors.js';
import { enforcedBy, everywhereEnforced } from './wiring/enforced.js';
import { makeGeneration } from './wiring/generation.js';
import { ATTACHED, createHandOver, TOO_MANY } from './wiring/hand-over.js';
import { leaver } from './wiring/leave.js';
import { countBehind, hasFlag, loadAgain, occupy, openLogs, readConfig, successorArgv } from './wiring/occupy.js';
import { operatorHandlers } from './wiring/operator.js';
import { poolEvents } from './wiring/pool-events.js';
import { PoolSets } from './wiring/pool-sets.js';
import { sweep } from './wiring/pool-surroundings.js';
import { poolsMaker, readyOrNot, replacePools } from './wiring/pools-maker.js';
import { Profiles } from './wiring/profiles.js';
import { makeProxies } from './wiring/proxies.js';
import { canAnswer } from './wiring/ready.js';
import { makeRecorder } from './wiring/recorder.js';
import { createReload } from './wiring/reload.js';
import { servedBy } from './wiring/served.js';
import { serviceManager } from './wiring/service-manager.js';
import { createStop } from './wiring/shutdown.js';
import { takeSignals } from './wiring/signals.js';
import { StartFailure } from './wiring/start-failure.js';
import { statusMaker } from './wiring/status.js';
import { predecessor, SUCCESSOR_FD, startSuccessor } from './wiring/successor.js';
import { teller } from './wiring/tell.js';
import { hasTerminal } from './wiring/terminal.js';
import { openValidating } from './wiring/validating.js';

const SIGKILL = 9;
const packageFolder = join(dirname(fileURLToPath(import.meta.url)), '..');
const sleep = (clock: Clock) => (ms: number) => new Promise<void>((done) => void clock.after(ms, done));

/** Once there is a log, what it was given is written first. */
let exit: (code: number) => void = process.exit;

async function start(argv: string[]): Promise<void> {
  const signals = takeSignals((signal, listener) => process.on(signal, listener), hasTerminal());
  process.stderr.on('error', () => {}); // that nobody hears it (a terminal or a reader that has gone) ends no daemon
  const loaded = readConfig(argv);
  const { config, notes } = loaded;
  const native = loadNative();
  const clock = systemClock;
  const { env, pid } = process;
  const service = serviceManager({ native, clock, env, pid, monotonicUs: () => process.hrtime.bigint() / 1000n });
  const before = hasFlag(argv, 'successor') ? predecessor() : undefined;
  if (before !== undefined) for (const fd of Object.values(SUCCESSOR_FD)) native.closeOnExec(fd);
  const behind = () => (before?.pid() === undefined ? 0 : countBehind(argv));
  const socketPath = callSocketIn(config.runtimeFolder);
  const activatedFd = activatedSocket(native, env, pid, socketPath);
  const place = occupy(native, config, argv, activatedFd !== undefined);
  const { log, keeperLogFd } = openLogs(config, clock, notes);
  exit = leaver({ log, clock, leave: native.leave });
  for (const note of notes) log.warn(note);
  const strays = watchStrays(native, clock, process.pid);
  native.setSubreaper();
  native.setDumpable(false); // no process of our uid may read the environments that pass through here
  const self = native.selfIdentity();
  const own = ownState(getPriority(), self.capEff);
  const driver = await selectDriver(config, sleep(clock), before !== undefined);
  for (const { layer, reason } of driver.degraded) log.warn({ layer, reason }, 'degraded');

  const proxies = makeProxies(native, packageFolder, keeperLogFd, log);
  const daemon = new DaemonLife(clock);
  let successorPid: number | undefined;
  /** Ours, and those of one that has died: then they are children of this process. */
  const successors = () => [successorPid, place.holder()].filter((one) => one !== undefined);
  const waiting = new WaitingCalls<Run>({ perPoolMax: LIMITS.queuedCallsPerPoolMax, totalMax: LIMITS.queuedCallsMax });
  const counters = new CallCounters();
  const told = (problem: string) => log.warn(problem);
  const store = openStore({ clock, config, wallMs: Date.now, startThread: writerThread, told });
  const journal = new Journal(Date.now);
  const tell = teller(journal, log, store);
  const lastTasks = new LastTasks(Date.now);
  const served = servedBy(store, lastTasks, new DeniedWatch(tell, () => clock.nowMs()));
  const life = recordLife(store, clock, `${VERSION}, pid ${process.pid}`);
  const degraded: Degraded[] = [...driver.degraded];
  const readRoom = hostRoomReader(groupsOf(hostCgroupFacts(config.cgroupPath), driver.workersPath));
  const makePools = poolsMaker({
    ...{ native, clock, packageFolder, keeperLogFd, driver, proxies, degraded, tell },
    readRoom,
    events: (own, groupName) =>
      poolEvents({
        available(pool) {
          if (own() === pools.current) dispatch.available(pool);
        },
        counters,
        served,
        degraded,
        tell,
        async sweep(pool) {
          await facts.proved(); // a program under proof is a child of ours, too
          await sweep(strays, driver, pools, proxies, pool, groupName(pool.spec.id), tell, successors());
        },
      }),
  });
  const pools = new PoolSets(makePools(config), clock);
  const doors = new Doors();
  const nextCallId = callIds();
  const forgetRoutes = () => doors.intake?.switchboard.forget();
  const recorder = makeRecorder(config.stateFolder, { clock, wallMs: Date.now, tell, forgetRoutes });
  const facts = hostFacts(join(packageFolder, 'build', 'supervisor-tracer'), forgetRoutes);
  const hostLayers = new HostLayers(
    () => probeLayers(join(packageFolder, 'build', 'supervisor-probe')),
    () => isolationFacts(join(packageFolder, 'build')),
    clock,
  );
  const generationOf = (config: Readonly<Config>) =>
    makeGeneration(config, {
      ...{ packageFolder, clock, facts, hostLayers },
      hasCgroup: driver.name !== 'none',
      pools: () => pools.current,
    });
  let generation = generationOf(config);
  const dispatch = createDispatch({
    clock,
    get config() {
      return generation.config;
    },
    place: (call) => generation.place(call),
    execPool: (confinement) => generation.execPool(confinement),
    warmPool: (plan, confinement) => generation.warmPool(plan, confinement),
    standIn: (pool) => pools.standIn(pool),
    waiting,
    declined: new DeclinedPrograms(clock),
    counters,
    record: served,
    enforced: enforcedBy(driver),
    cannotInherit: (inherited) => cannotInherit(inherited, own),
    seen: () => facts.lookups.sinceBegin,
    teach(route, call, start, seen) {
      // What the switchboard answers cannot be recorded.
      const switchboard = doors.intake?.switchboard;
      if (switchboard === undefined || recorder.isOn || seen.isOver || switchboard.knows(call.raw)) return;
      switchboard.learn(route.channel, route, call.raw, start(), encodeSeen(seen));
    },
    tell,
    forgetRoutes,
    closeFd: native.closeFd,
    isStopping: () => daemon.isStopping,
  });
  const run = (call: Call, caller: Caller) => dispatch.take(call, recorder.tap(call, caller));
  const validating = openValidating({
    ...{
      native,
      clock,
      packageFolder,
      generation: () => generation,
      shelf: store.shelf,
      tasks: store.tasks,
      nextCallId,
    },
    ...{ tell, note: told, isStopping: () => daemon.isStopping, wallMs: Date.now, run },
    keepers: () => pools.keepers(),
    recordEvent: (record) => store.event(record),
  });
  const take = (call: Call, caller: Caller) => {
    if (call.isEvent) validating.take(call, caller);
    else run(call, caller);
  };

  async function takeOver(next: Readonly<Config>, replacesPools: boolean): Promise<string | undefined> {
    const why = replacesPools ? await replacePools(pools, makePools, next, clock) : undefined;
    if (why !== undefined) return why;
    generation = generationOf(next);
    validating.renew(replacesPools);
    forgetRoutes(); // they lead to pools and levels of before
    log.level = next.logLevel;
    for (const pool of pools.current.all()) dispatch.available(pool);
    return undefined;
  }
  const profiles = new Profiles(
    {
      ...{ clock, life: daemon, readRoom, tell, config: () => generation.config, validating: () => validating.load() },
      load: (profile) => loadAgain(argv, profile),
      takeOver: (next) => void takeOver(next, false),
      waitingCalls: () => waiting.size,
    },
    loaded,
  );
  const startedAt = new Date();
  const everywhere = everywhereEnforced(driver);
  const statusNow = statusMaker({
    identity: { pid: process.pid, version: VERSION, uid: self.uid, startedAt, socketPath },
    ...{ clock, driver, everywhere, degraded, pools, hostLayers, store, recorder, counters, waiting, validating },
    ...{ profiles, http: () => doors.http, library: () => doors.library.status(), predecessorPid: () => before?.pid() },
    startedAtMs: clock.nowMs(),
    parkedMemoryMaxBytes: () => generation.config.parkedMemoryMaxBytes,
  });

  const reload = createReload({
    ...{ life: daemon, takeOver, tell, service, config: () => generation.config },
    load: () => profiles.load(),
    taken: (loaded) => profiles.taken(loaded),
    poolIds: () => pools.current.all().map(({ spec }) => spec.id),
  });
  const operator = operatorHandlers({
    ...{ pools, journal, lastTasks, recorder, validating, tell, native, parentOf, forgetRoutes, wallMs: Date.now },
    enforced: everywhere,
    hasGroups: driver.name !== 'none',
  });

  const judge = ({ peer }: Pick<Connection, 'peer'>) => refusePeer(self, peer, driver.workersPath);
  let endRecycling = () => {};
  const closeRooms = (why: string) => [
    () => doors.library.close(),
    () => profiles.stop(),
    () => validating.retire(),
    () => pools.stopAll(),
    () => dispatch.refuseWaiting(),
    () => proxies.stopAll(),
    () => strays.kill(() => new Set(successors())),
    () => driver.close(),
    () => recorder.end('stopping'),
    () => life.stopping(why),
  ];
  const leave = () => exit(ExitCode.OK);
  const settle = () => {
    for (const pool of pools.all()) pool.settle();
  };
  const restart = createHandOver({
    clock,
    life: daemon,
    tell,
    obstacle() {
      if (!hasFlag(argv, 'detached') && !service.follows) return ATTACHED;
      return behind() < LIMITS.replacedDaemonsMax ? undefined : TOO_MANY;
    },
    startSuccessor: () =>
      startSuccessor(
        {
          argv: successorArgv(argv, place, behind() + 1),
          variables: service.variables,
          ...doors.descriptors(),
          ...{ clock, readyTimeoutMs: LIMITS.successorReadyTimeoutMs },
        },
        (pid) => {
          successorPid = pid;
        },
      ),
    takeBack() {
      successorPid = undefined;
      place.takeBack();
    },
    stopListening() {
      service.replacedBy(successorPid ?? 0);
      endRecycling();
      settle(); // what the switchboard runs is to be waited for
      doors.handOver();
      validating.handOver();
    },
    callsToCome: () =>
      (doors.intake?.silentClients ?? 0) +
      doors.http.running() +
      dispatch.heldCount() +
      waiting.size +
      validating.running,
    drained() {
      validating.retire();
      return pools.drained();
    },
    hasPredecessor: () => before?.pid() !== undefined,
    hurryPredecessor: (budgetMs) => before?.hurry(budgetMs),
    closeRooms: () => [() => facts.stop(), ...closeRooms('replaced by a new daemon'), () => doors.closeControl()],
    leave,
  });
  const stop = createStop({
    life: daemon,
    hurryPredecessor: (budgetMs) => before?.hurry(budgetMs),
    begin(why) {
      if (successorPid !== undefined) native.kill(successorPid, SIGKILL);
      service.stopping();
      tell({ kind: 'stopping', about: why });
    },
    settle,
    closeIntake() {
      doors.stop();
      endRecycling();
      facts.stop();
      if (!place.isActivated) rmSync(socketPath, { force: true });
    },
    activeCalls: () => counters.snapshot().active + validating.running,
    closeRooms: (why) => [
      ...closeRooms(why),
      () => doors.closeControl(),
      () => removeControlSocket(config.runtimeFolder),
      () => place.release(),
    ],
    leave() {
      log.info('stopped');
      leave();
    },
  });
  try {
    pools.current.exec.start();
    endRecycling = recycleFrom(() => pools.all(), clock);
    await facts.proved();
    if (before !== undefined) await readyOrNot(pools, clock);
    const endAsked = signals.endAsked();
    if (endAsked !== undefined) throw new StartFailure(ExitCode.OK, `supervisor: ${endAsked} came before it was ready`);
    if (before !== undefined) place.takeOver(before.firstPid);
    await doors.open({
      ...{ native, clock, runtimeFolder: config.runtimeFolder, activatedFd, isSuccessor: before !== undefined },
      ...{ pid, uid: self.uid, workersPath: driver.workersPath, judge, nextCallId, take, validating, note: told },
      config: () => generation.config,
      onTakenOver: (call, caller, route, switched) => dispatch.takeOver(call, caller, route as Route, switched),
      onRejected: (what, pid) => log.warn({ pid, what }, 'peer rejected'),
      handlers: {
        ...operator,
        ...reload,
        restart,
        setProfile: (profile) => profiles.set(profile, reload.reload),
        status: statusNow,
        stop: (drainMs) => stop('asked to', drainMs),
      },
    });
    daemon.input('ready');
    await before?.say({ ready: true });
  } catch (error) {
    daemon.input('failed');
    await pools.stopAll();
    await driver.close();
    if (before?.pid() === undefined) place.release(); // else that one takes back what is missing
    daemon.input('closed');
    throw error;
  }
  signals.tell(
    (signal) => {
      if (signal === 'SIGHUP') void stop('its terminal has gone', LIMITS.drainBudgetMs);
      else void stop(signal, daemon.signalled());
    },
    () => void reload.reload(),
  );
  process.stderr.write(`supervisor: ready, pid ${process.pid}, socket ${socketPath}\n`);
  tell({ kind: 'ready', about: `ready, driver ${driver.name}`, inputs: { pid: process.pid, socketPath } });
  if (before === undefined) service.ready('serving'); // of a successor, the daemon before has told
  service.beat(() => canAnswer(pools.current.exec));
  life.began();
  validating.ready();
  before?.onEnd(() => validating.predecessorEnded());
}

start(process.argv.slice(2)).catch(async (error: unknown) => {
  const known = error instanceof StartFailure;
  process.stderr.write(`${known ? error.message : `supervisor: ${(error as Error).message}`}\n`);
  if (process.connected) await predecessor().say({ failed: (error as Error).message });
  exit(known ? error.exitCode : ExitCode.UNAVAILABLE);
});
