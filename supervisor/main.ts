/** Composition root of the daemon: configuration -> rooms -> wires; signals; stops in reverse order. */
import './tune.js';
import { rmSync } from 'node:fs';
import { getPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { groupsOf } from './cgroup/base.js';
import { hostFacts as hostCgroupFacts, selectDriver } from './cgroup/select.js';
import { type Clock, systemClock } from './contract/clock.js';
import { confinementKey, networkEnforced } from './contract/confinement.js';
import { LIMITS } from './contract/limits.js';
import { type Degraded, ExitCode } from './contract/status.js';
import { VERSION } from './contract/version.js';
import { startControl } from './control/server.js';
import { createDispatch, type Route } from './dispatch.js';
import { ownReads, Proxies } from './egress/proxies.js';
import { cannotInherit, ownState } from './intake/inherited.js';
import { type Intake, openIntake } from './intake/intake.js';
import { refusePeer } from './intake/peer.js';
import { isolationFacts } from './isolation/facts.js';
import { HostLayers } from './isolation/host-layers.js';
import { probeLayers } from './isolation/probe.js';
import { hostRoomReader } from './monitor/host-room.js';
import { Journal } from './monitor/journal.js';
import { LastTasks } from './monitor/last-tasks.js';
import { type Connection, loadNative, type PeerIdentity } from './native.js';
import { createPlacing } from './placing/place.js';
import type { Run } from './placing/run.js';
import { boundedText } from './policy/bounded-text.js';
import type { PathFacts } from './policy/paths.js';
import { ETC_PATHS, SYSTEM_PATHS } from './policy/system-paths.js';
import type { Lease } from './pool/pool.js';
import { Pools } from './pool/pools.js';
import { recycleFrom } from './pool/recycle.js';
import { execSpec, nodeSpecMaker, pythonSpecMaker } from './pool/specs.js';
import { watchStrays } from './pool/strays.js';
import { DRAINED } from './pool/target.js';
import { hostFacts } from './router/facts.js';
import { createFileFacts, type FileLookup } from './router/file-facts.js';
import { encodeSeen } from './router/lookups.js';
import { nodePoolKey } from './router/node-key.js';
import { plan as planCall } from './router/plan.js';
import { poolKey } from './router/python-key.js';
import { poolName } from './router/start-key.js';
import { CallCounters } from './scheduler/counters.js';
import { DeclinedPrograms } from './scheduler/declined.js';
import { WaitingCalls } from './scheduler/queue.js';
import { recordLife } from './store/life.js';
import { openStore } from './store/store.js';
import { writerThread } from './store/thread.js';
import { occupy, openLogs, readConfig } from './wiring/occupy.js';
import { operatorHandlers } from './wiring/operator.js';
import { poolEvents } from './wiring/pool-events.js';
import { openEgress, openPoolGroup, sweep } from './wiring/pool-surroundings.js';
import { stopInOrder } from './wiring/shutdown.js';
import { StartFailure } from './wiring/start-failure.js';
import { statusMaker } from './wiring/status.js';
import { teller } from './wiring/tell.js';

/** Layers every task has, whatever the host: own session, no stray descriptors, no core files, kill of the whole tree. */
const ALWAYS_ENFORCED = ['session', 'fds', 'core-limit', 'tree-kill'];
const packageFolder = join(dirname(fileURLToPath(import.meta.url)), '..');
const sleep = (clock: Clock) => (ms: number) => new Promise<void>((done) => void clock.after(ms, done));

async function start(argv: string[]): Promise<void> {
  const { config, notes } = readConfig(argv);
  const native = loadNative();
  const clock = systemClock;
  const place = occupy(native, config);
  const { log, keeperLogFd } = openLogs(config, clock, notes);
  for (const note of notes) log.warn(note);
  const strays = watchStrays(native, clock, process.pid);
  native.setSubreaper();
  native.setDumpable(false); // no process of our uid may read the environments that pass through here
  const self = native.selfIdentity();
  const own = ownState(getPriority(), self.capEff);
  const driver = await selectDriver(config, sleep(clock));
  for (const { layer, reason } of driver.degraded) log.warn({ layer, reason }, 'degraded');

  const proxies = new Proxies(
    {
      native,
      launcherFile: join(packageFolder, 'build', 'supervisor-confine'),
      programFile: join(packageFolder, 'dist', 'egress', 'main.js'),
      read: [...SYSTEM_PATHS, ...ETC_PATHS, ...ownReads(packageFolder)],
      logFd: keeperLogFd,
    },
    (pool, { target, why }) => log.warn({ pool, target, why }, 'the proxy refused a connection'),
  );

  let stopping = false;
  const waiting = new WaitingCalls<Run>({ perPoolMax: LIMITS.queuedCallsPerPoolMax, totalMax: LIMITS.queuedCallsMax });
  const counters = new CallCounters();
  const told = (problem: string) => log.warn(problem);
  const store = openStore({ clock, config, wallMs: Date.now, startThread: writerThread, told });
  const journal = new Journal(Date.now);
  const tell = teller(journal, log, store);
  const lastTasks = new LastTasks(Date.now);
  const life = recordLife(store, clock, `${VERSION}, pid ${process.pid}`);
  const degraded: Degraded[] = [...driver.degraded];
  const pools: Pools = new Pools(
    execSpec(config),
    config.interpreterPoolsMax,
    {
      clock,
      memoryMaxBytes: config.parkedMemoryMaxBytes,
      readRoom: hostRoomReader(groupsOf(hostCgroupFacts(config.cgroupPath), driver.workersPath)),
    },
    (spec) => ({
      native,
      clock,
      keeperFile: join(packageFolder, 'bin', 'supervisor-keeper'),
      runtimeFolder: config.runtimeFolder,
      logFd: keeperLogFd,
      random: Math.random,
      oomKills: () => driver.oomKills(spec.id),
      openCgroup: () => openPoolGroup(driver, spec.id, degraded, tell),
      openEgress: () => openEgress(proxies, spec),
    }),
    poolEvents({
      available: (pool) => dispatch.available(pool),
      counters,
      store,
      lastTasks,
      degraded,
      tell,
      async sweep(pool) {
        await facts.proved(); // a program under proof is a child of ours, too
        await sweep(strays, driver, pools, proxies, pool, tell);
      },
    }),
  );
  const workerFolder = (runtime: string) => join(packageFolder, 'dist', 'workers', runtime);
  const warm = {
    python: { isOn: config.pythonWarm, key: poolKey, spec: pythonSpecMaker(config, workerFolder('python')) },
    node: { isOn: config.parked.node.max > 0, key: nodePoolKey, spec: nodeSpecMaker(config, workerFolder('node')) },
  };
  let intake: Intake | undefined;
  const forgetRoutes = () => intake?.switchboard.forget();
  const facts = hostFacts(join(packageFolder, 'build', 'supervisor-tracer'), forgetRoutes);
  const enforced = ({ cgroupPath, layers, pool }: Lease) => {
    const isInGroup = cgroupPath?.startsWith(`${driver.workersPath}/`) === true && driver.name !== 'none';
    const ofHost = isInGroup ? [...ALWAYS_ENFORCED, ...driver.enforced] : ALWAYS_ENFORCED;
    return [...ofHost, ...layers, ...networkEnforced(pool.spec.confinement)];
  };
  const hostLayers = new HostLayers(
    () => probeLayers(join(packageFolder, 'build', 'supervisor-probe')),
    () => isolationFacts(join(packageFolder, 'build')),
    clock,
  );
  const pathFacts = (look: FileLookup): PathFacts => ({
    kind: (path) => look(path)?.kind,
    realPath: (path) => look(path)?.realPath || undefined,
    text: (path) => (look(path)?.kind === 'file' ? boundedText(path) : undefined),
  });
  const placeCall = createPlacing({
    config,
    clock,
    plan: (call) => planCall(call, facts),
    pursue: facts.pursue,
    seen: pathFacts(facts.lookups.look),
    paths: pathFacts(createFileFacts()),
    layers: hostLayers,
    hasCgroup: driver.name !== 'none',
    workerPaths: [workerFolder('node'), join(packageFolder, 'build', 'park.node')],
  });
  const dispatch = createDispatch({
    clock,
    config,
    place(call) {
      facts.begin();
      return placeCall(call);
    },
    execPool(confinement) {
      if (confinement === undefined) return pools.exec.target.isDrained ? DRAINED : pools.forAnyCommand();
      const id = poolName('exec', [confinementKey(confinement)]);
      return pools.forKey(id, () => execSpec(config, id, confinement), true);
    },
    warmPool(plan, confinement) {
      const { isOn, key, spec } = warm[plan.runtime];
      if (!isOn) return `warm processes of ${plan.runtime} are switched off`;
      const ofInterpreter = key(plan, facts);
      const id =
        confinement === undefined
          ? ofInterpreter
          : poolName(plan.runtime, [ofInterpreter, confinementKey(confinement)]);
      return pools.forKey(id, () => spec(id, plan, confinement), false);
    },
    waiting,
    declined: new DeclinedPrograms(clock),
    counters,
    record(call, pool) {
      store.call(call);
      if (pool !== undefined) lastTasks.add(pool, call);
    },
    enforced,
    cannotInherit: (inherited) => cannotInherit(inherited, own),
    seen: () => facts.lookups.sinceBegin,
    teach(route, call, start, seen) {
      if (intake === undefined || seen.isOver || intake.switchboard.knows(call.raw)) return;
      intake.switchboard.learn(route.channel, route, call.raw, start(), encodeSeen(seen));
    },
    tell,
    forgetRoutes,
    closeFd: native.closeFd,
    isStopping: () => stopping,
  });

  const startedAt = new Date();
  const socketPath = join(config.runtimeFolder, 'call.sock');
  const everywhere = driver.name !== 'none' ? [...ALWAYS_ENFORCED, ...driver.enforced] : ALWAYS_ENFORCED;
  const statusNow = statusMaker({
    identity: { pid: process.pid, version: VERSION, uid: self.uid, startedAt, socketPath },
    driver,
    everywhere,
    degraded,
    pools,
    hostLayers,
    store,
    counters,
    waiting,
    parkedMemoryMaxBytes: config.parkedMemoryMaxBytes,
  });

  const operator = operatorHandlers({
    ...{ pools, journal, lastTasks, tell, native, forgetRoutes, wallMs: Date.now },
    enforced: everywhere,
    hasGroups: driver.name !== 'none',
  });

  const judge = (connection: Connection) => refusePeer(self, connection.peer, driver.workersPath);
  let control: { close(): void } | undefined;
  let endRecycling = () => {};
  const stop = async (why: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    tell({ kind: 'stopping', about: why });
    await stopInOrder({
      settle() {
        for (const pool of pools.all()) pool.settle(); // what the switchboard runs is to be waited for
      },
      closeIntake() {
        intake?.close();
        endRecycling();
        facts.stop();
        rmSync(socketPath, { force: true });
      },
      activeCalls: () => counters.snapshot().active,
      clock,
      closeRooms: [
        () => pools.stopAll(),
        () => proxies.stopAll(),
        () => strays.kill(() => new Set()),
        () => driver.close(),
        () => life.stopping(why),
      ],
    });
    control?.close();
    rmSync(join(config.runtimeFolder, 'control.sock'), { force: true });
    place.release();
    log.info('stopped');
    log.flush(() => process.exit(ExitCode.OK));
  };
  try {
    pools.exec.start();
    endRecycling = recycleFrom(() => pools.all(), clock);
    await facts.proved();
    intake = openIntake({
      native,
      clock,
      socketPath,
      refusePeer: judge,
      workersPath: driver.workersPath,
      onCall: dispatch.take,
      onTakenOver: (call, caller, route, switched) => dispatch.takeOver(call, caller, route as Route, switched),
      onRejected: (what, pid) => log.warn({ pid, what }, 'peer rejected'),
    });
    control = startControl<PeerIdentity>({
      listen: (onConnection) => native.listen(join(config.runtimeFolder, 'control.sock'), 'operator', onConnection),
      refusalOf: (peer) => refusePeer(self, peer, driver.workersPath)?.message,
      closeFd: native.closeFd,
      handlers: { ...operator, status: statusNow, stop: () => stop('asked to') },
      clock,
      pid: process.pid,
    });
  } catch (error) {
    await pools.stopAll();
    await driver.close();
    place.release();
    throw error;
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(signal));
  process.stderr.write(`supervisor: ready, pid ${process.pid}, socket ${socketPath}\n`);
  tell({ kind: 'ready', about: `ready, driver ${driver.name}`, inputs: { pid: process.pid, socketPath } });
  life.began();
}

start(process.argv.slice(2)).catch((error: unknown) => {
  const known = error instanceof StartFailure;
  process.stderr.write(`${known ? error.message : `supervisor: ${(error as Error).message}`}\n`);
  process.exit(known ? error.exitCode : ExitCode.UNAVAILABLE);
});
