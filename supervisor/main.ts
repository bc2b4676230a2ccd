/** Composition root of the daemon: configuration -> rooms -> wires; signals; stops in reverse order. */
import './tune.js';
import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { getPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { CgroupDriver, PoolGroup } from './cgroup/driver.js';
import { selectDriver } from './cgroup/select.js';
import { loadConfig, systemSources } from './config/load.js';
import { makePrivateFolder, prepareRuntimeFolder } from './config/runtime-folder.js';
import { type Clock, systemClock } from './contract/clock.js';
import type { Config, ConfigProblem } from './contract/config.js';
import { confinementKey, networkEnforced } from './contract/confinement.js';
import { LIMITS } from './contract/limits.js';
import { STAGE_TEXT } from './contract/stage.js';
import { type Degraded, ExitCode, type RunningStatus } from './contract/status.js';
import { VERSION } from './contract/version.js';
import { takeLock } from './control/lock.js';
import { startControl } from './control/server.js';
import { createDispatch, type Route } from './dispatch.js';
import type { Egress } from './egress/process.js';
import { ownReads, Proxies } from './egress/proxies.js';
import { cannotInherit, ownState } from './intake/inherited.js';
import { type Intake, openIntake } from './intake/intake.js';
import { refusePeer } from './intake/peer.js';
import { levelsDegraded } from './isolation/degraded.js';
import { isolationFacts } from './isolation/facts.js';
import { HostLayers } from './isolation/host-layers.js';
import { probeLayers } from './isolation/probe.js';
import { openKeeperLog } from './monitor/keeper-log.js';
import { type Logger, openLog } from './monitor/log.js';
import { type Connection, loadNative, type Native, type PeerIdentity } from './native.js';
import { createPlacing } from './placing/place.js';
import { recordOfAnswered } from './placing/record.js';
import type { Run } from './placing/run.js';
import type { PathFacts } from './policy/paths.js';
import { ETC_PATHS, SYSTEM_PATHS } from './policy/system-paths.js';
import { lostLimit, poolsDegraded, ringDegraded } from './pool/degraded.js';
import type { PoolSpec } from './pool/keeper-argv.js';
import type { Lease, Pool } from './pool/pool.js';
import { Pools } from './pool/pools.js';
import { execSpec, nodeSpecMaker, pythonSpecMaker } from './pool/specs.js';
import { poolStatus } from './pool/status.js';
import { type Strays, watchStrays } from './pool/strays.js';
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

/** Layers every task has, whatever the host: own session, no stray descriptors, no core files, kill of the whole tree. */
const ALWAYS_ENFORCED = ['session', 'fds', 'core-limit', 'tree-kill'];
const packageFolder = join(dirname(fileURLToPath(import.meta.url)), '..');
const sleep = (clock: Clock) => (ms: number) => new Promise<void>((done) => void clock.after(ms, done));

class StartFailure extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

function problemText({ where, what, remedy }: ConfigProblem): string {
  return `supervisor: ${where}: ${what}\n  remedy: ${remedy}`;
}

function readConfig(argv: string[]): { config: Config; notes: string[] } {
  const options = { config: { type: 'string' }, 'log-level': { type: 'string' } } as const;
  const { values } = parseArgs({ args: argv, options });
  const flags = {
    ...(values.config !== undefined && { configFile: values.config }),
    ...(values['log-level'] !== undefined && { logLevel: values['log-level'] }),
  };
  const loaded = loadConfig(systemSources(process.env, flags));
  if (!loaded.ok) throw new StartFailure(ExitCode.BAD_CONFIG, loaded.problems.map(problemText).join('\n'));
  return loaded;
}

/** Makes and locks the runtime folder. */
function occupy(native: Native, config: Config): { release(): void } {
  const folder = config.runtimeFolder;
  const existed = existsSync(folder);
  const problem = prepareRuntimeFolder(folder, process.geteuid?.() ?? 0);
  if (problem !== undefined) throw new StartFailure(ExitCode.NO_PERMISSION, problemText(problem));
  const locked = takeLock(folder, native.lock, process.pid);
  if (!locked.ok) {
    throw new StartFailure(ExitCode.ALREADY_RUNNING, `supervisor: already running, pid ${locked.pid ?? 'unknown'}`);
  }
  // Sockets of a daemon that was killed: nobody listens on them, since the lock was free.
  for (const name of ['call.sock', 'control.sock']) rmSync(join(folder, name), { force: true });
  return {
    release() {
      rmSync(join(folder, 'lock'), { force: true });
      if (existed) return;
      try {
        rmdirSync(folder);
      } catch {
        // Something else lies in it (the log, where the home is read-only): it stays.
      }
    },
  };
}

function openLogs(config: Config, clock: Clock, notes: string[]): { log: Logger; keeperLogFd: number } {
  const made = makePrivateFolder(config.stateFolder);
  const folder = made.kind === 'failed' ? config.runtimeFolder : config.stateFolder;
  if (made.kind === 'failed')
    notes.push(`${config.stateFolder} cannot be made (${made.code}): the log is in ${folder}`);
  // First: a failure here must not meet a log that is being opened.
  const keeperLogFd = openKeeperLog(join(folder, 'keeper.log'), clock);
  return { log: openLog(join(folder, 'daemon.log'), config.logLevel), keeperLogFd };
}

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
  const life = recordLife(store, clock, `${VERSION}, pid ${process.pid}`);
  const degraded: Degraded[] = [...driver.degraded];
  const pools: Pools = new Pools(
    execSpec(config),
    config.interpreterPoolsMax,
    config.parkedMemoryMaxBytes,
    (spec) => ({
      native,
      clock,
      keeperFile: join(packageFolder, 'bin', 'supervisor-keeper'),
      runtimeFolder: config.runtimeFolder,
      logFd: keeperLogFd,
      random: Math.random,
      openCgroup: () => openPoolGroup(driver, spec.id, degraded, log),
      openEgress: () => openEgress(proxies, spec),
    }),
    {
      available: (pool) => dispatch.available(pool),
      answeredUntold: (_pool, call) => {
        const record = recordOfAnswered(call.token as Route, call);
        counters.takenBySwitchboard();
        counters.outcome(record.outcome, record.path);
        store.call(record, call.agoMs);
      },
      failed(pool, failure) {
        const { stage, errnum } = failure;
        const subject = failure.subject.slice(0, LIMITS.loggedTextMaxCharacters);
        log.warn({ pool: pool.spec.id, stage: STAGE_TEXT[stage], errnum, subject }, 'a start step failed');
        const lost = lostLimit(failure);
        if (lost !== undefined && !degraded.some(({ layer }) => layer === lost.layer)) degraded.push(lost);
      },
      violated: (pool, what) => log.warn({ pool: pool.spec.id, what }, 'keeper broke the protocol, ended'),
      gaveUp: (pool) => {
        log.warn({ pool: pool.spec.id, serves: pool.spec.describes, why: pool.starts.unsuitable }, 'not kept warm');
        void store.audit('notKeptWarm', `${pool.spec.describes}: ${pool.starts.unsuitable}`);
      },
      restarting: (pool, delayMs, exit) => {
        log.warn({ pool: pool.spec.id, delayMs, exit }, 'keeper ended, restarting');
        void store.audit('keeperEnded', `${pool.spec.id}: ${JSON.stringify(exit ?? 'not started')}`);
      },
      async keeperGone(pool) {
        await facts.proved(); // a program under proof is a child of ours, too
        await sweep(strays, driver, pools, proxies, pool, log);
      },
    },
  );
  const workerFolder = (runtime: string) => join(packageFolder, 'dist', 'workers', runtime);
  const warm = {
    python: { isOn: config.pythonWarm, key: poolKey, spec: pythonSpecMaker(config, workerFolder('python')) },
    node: { isOn: config.parked.node > 0, key: nodePoolKey, spec: nodeSpecMaker(config, workerFolder('node')) },
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
      if (confinement === undefined) return pools.exec;
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
    record: store.call.bind(store),
    enforced,
    cannotInherit: (inherited) => cannotInherit(inherited, own),
    seen: () => facts.lookups.sinceBegin,
    teach(route, call, start, seen) {
      if (intake === undefined || seen.isOver || intake.switchboard.knows(call.raw)) return;
      intake.switchboard.learn(route.channel, route, call.raw, start(), encodeSeen(seen));
    },
    forgetRoutes,
    closeFd: native.closeFd,
    isStopping: () => stopping,
  });

  const startedAt = new Date();
  const socketPath = join(config.runtimeFolder, 'call.sock');
  const statusNow = (): RunningStatus => {
    for (const pool of pools.all()) pool.settle();
    return statusOf();
  };
  const everywhere = driver.name !== 'none' ? [...ALWAYS_ENFORCED, ...driver.enforced] : ALWAYS_ENFORCED;
  const statusOf = (): RunningStatus => ({
    schema: 'supervisor.status/v1',
    running: true,
    pid: process.pid,
    version: VERSION,
    uid: self.uid,
    startedAt: startedAt.toISOString(),
    uptimeMs: Math.round(Date.now() - startedAt.getTime()),
    socketPath,
    driver: driver.name,
    degraded: [
      ...degraded,
      ...ringDegraded(pools.all()),
      ...poolsDegraded(pools.all()),
      ...(typeof hostLayers.known === 'object' ? levelsDegraded(hostLayers.known) : []),
      ...store.degraded(),
    ],
    keepers: pools.keepers(),
    pools: pools.all().map((pool) => poolStatus(pool, everywhere, driver.name !== 'none')),
    parkedMemory: { usedBytes: pools.parkedMemoryBytes, maxBytes: config.parkedMemoryMaxBytes },
    calls: { ...counters.snapshot(), queued: waiting.size },
    ring: pools.ringCounters(),
    records: store.status(),
  });

  const judge = (connection: Connection) => refusePeer(self, connection.peer, driver.workersPath);
  let control: { close(): void } | undefined;
  const stop = async (why: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    for (const pool of pools.all()) pool.settle(); // before its end: what the switchboard runs is to be waited for
    intake?.close();
    facts.stop();
    rmSync(socketPath, { force: true });
    const drainUntilMs = clock.nowMs() + LIMITS.drainBudgetMs;
    while (counters.snapshot().active > 0 && clock.nowMs() < drainUntilMs) await sleep(clock)(10);
    await pools.stopAll();
    await proxies.stopAll();
    await strays.kill(() => new Set());
    await driver.close();
    await life.stopping(why);
    control?.close();
    rmSync(join(config.runtimeFolder, 'control.sock'), { force: true });
    place.release();
    log.info('stopped');
    log.flush(() => process.exit(ExitCode.OK));
  };
  try {
    pools.exec.start();
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
      handlers: { status: statusNow, stop: () => stop('asked to') },
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
  log.info({ pid: process.pid, driver: driver.name, socketPath }, 'ready');
  life.began();
}

/** A pool whose group cannot be made runs without limits, and `status` says so. */
function openPoolGroup(driver: CgroupDriver, poolId: string, degraded: Degraded[], log: Logger): PoolGroup | undefined {
  const group = driver.openPool(poolId);
  const layer = `cgroup of pool ${poolId}`;
  if (group !== undefined || driver.name === 'none' || degraded.some((one) => one.layer === layer)) return group;
  log.warn({ pool: poolId }, 'no cgroup for this pool');
  degraded.push({ layer, reason: 'its group could not be made', remedy: 'supervisor down, then up again' });
  return group;
}

function openEgress(proxies: Proxies, { id, confinement }: PoolSpec): Egress | undefined | 'failed' {
  if (confinement === undefined || typeof confinement.network === 'string') return undefined;
  return proxies.start(id, confinement, confinement.network) ?? 'failed';
}

/** After a keeper's death: what its hooks left behind, here and in its group. */
async function sweep(
  strays: Strays,
  driver: CgroupDriver,
  pools: Pools,
  proxies: Proxies,
  pool: Pool,
  log: Logger,
): Promise<void> {
  const keepers = () => new Set([...pools.all().flatMap(({ keeperPid }) => keeperPid ?? []), ...proxies.pids()]);
  const killed = await strays.kill(keepers);
  if (killed > 0) log.warn({ pool: pool.spec.id, killed }, 'killed what a dead keeper left behind');
  await driver.removePool(pool.spec.id);
}

start(process.argv.slice(2)).catch((error: unknown) => {
  const known = error instanceof StartFailure;
  process.stderr.write(`${known ? error.message : `supervisor: ${(error as Error).message}`}\n`);
  process.exit(known ? error.exitCode : ExitCode.UNAVAILABLE);
});
