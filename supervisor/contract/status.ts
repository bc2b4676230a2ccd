/** The shape of `supervisor status --json`, schema supervisor.status/v1. */
import type { CacheStats } from './caching.js';
import type { Level, Runtime } from './call.js';
import type { HttpStatus } from './http.js';
import type { LibraryStatus } from './library.js';
import type { OutcomeKind } from './outcome.js';
import type { PoolPlace } from './pool-place.js';
import type { ProfileStatus } from './profiles.js';
import type { RecordingStatus } from './recording.js';
import type { StoreStatus } from './records.js';
import type { EventsStatus, ValidatorStatus } from './validating.js';

export type DriverName = 'v2' | 'v1' | 'none';
/** How one starts and ends only its keeper sees. */
export type WorkerState = 'parked' | 'busy' | 'lingering';
/** `quarantined`: it died too often of one cause; nothing of it is started until the hold is over. `draining`: of an earlier
 *  configuration, it goes with its last hook. */
export type PoolState = 'starting' | 'ready' | 'backoff' | 'quarantined' | 'draining' | 'stopping';

/** Among the causes of deaths: by the operator, and no sign of a fault. */
export const KICKED = 'kicked';

export interface Degraded {
  layer: string;
  reason: string;
  remedy: string;
}

export interface WorkerStatus {
  pid: number;
  kind: 'parked' | 'zygote';
  /** Its place in the pool, which outlives it; null for a zygote. */
  slot: number | null;
  state: WorkerState;
  generation: number;
  cgroupPath: string | null;
}

/** What a zygote has ready for its next processes, beyond what every zygote has. */
export interface LearnedCounts {
  scripts: number;
  modules: number;
}

/** What took far longer than is usual of its kind. */
export interface SlowCounts {
  calls: number;
  /** Of parked processes. */
  starts: number;
}

/** How many processes a pool may keep parked, and what for. */
export interface ParkingStatus {
  share: number;
  /** More than the share where memory is short. */
  wanted: number;
  min: number;
  max: number;
  /** Calls of the largest burst that counts. */
  fanOut: number;
  /** Averages over about a minute. */
  ratePerSecond: number;
  concurrency: number;
}

export interface PoolStatus extends PoolPlace {
  id: string;
  /** null: it has none now. */
  keeperPid: number | null;
  runtime: Runtime;
  level: Level;
  state: PoolState;
  parked: number;
  /** By what its processes told when they parked. */
  parkedMemoryBytes: number;
  parking: ParkingStatus;
  busy: number;
  /** By the operator: it takes no new calls. */
  isDrained: boolean;
  /** What the operator wants parked at least; 0: nothing was said. */
  parkedFloor: number;
  restarts: number;
  /** Why it is not as it should be; '' where it is. */
  why: string;
  /** Of its keeper; null: it runs, or is not to start. */
  nextStartInMs: number | null;
  /** Of what its processes died, the last cause last. */
  deaths: { cause: string; count: number }[];
  slow: SlowCounts;
  limits: { memoryMaxBytes: number | null; pidsMax: number | null; cpuMax: string | null; cpuTimeMaxMs: number | null };
  enforced: string[];
  /** The proxy of its allow-list: connections it has let pass and refused. null: it has none. */
  egress: { pid: number; passed: number; refused: number } | null;
  workers: WorkerStatus[];
  /** The interpreter and flags, or '' for exec. */
  describes: string;
  learned: LearnedCounts;
}

export interface RunningStatus {
  schema: 'supervisor.status/v1';
  running: true;
  pid: number;
  version: string;
  uid: number;
  /** The daemon that it has taken over from, while that still ends its hooks. */
  predecessorPid: number | null;
  startedAt: string;
  uptimeMs: number;
  socketPath: string;
  driver: DriverName;
  degraded: Degraded[];
  keepers: { pid: number; pool: string }[];
  pools: PoolStatus[];
  /** Of all pools; zygotes and running hooks are not counted. */
  parkedMemory: { usedBytes: number; maxBytes: number };
  calls: {
    total: number;
    byOutcome: Partial<Record<OutcomeKind, number>>;
    byPath: { worker: number; exec: number; direct: number };
    /** Of all, those that the switchboard started, without JavaScript. */
    switched: number;
    queued: number;
    active: number;
  };
  ring: { records: number; wakeups: number };
  records: StoreStatus;
  recording: RecordingStatus;
  validators: ValidatorStatus[];
  /** Of agents and programs, that validators were asked about. */
  events: EventsStatus;
  cache: CacheStats;
  profile: ProfileStatus;
  /** null: agents' http hooks are not served. */
  http: HttpStatus | null;
  /** Programs that ask validators themselves. */
  library: LibraryStatus;
}

export interface StoppedStatus {
  schema: 'supervisor.status/v1';
  running: false;
}

/** Exit codes of the command line (sysexits, LSB for status). */
export const ExitCode = {
  OK: 0,
  NOT_RUNNING: 3,
  NO_SUCH_POOL: 4,
  USAGE: 64,
  UNAVAILABLE: 69,
  INTERNAL: 70,
  ALREADY_RUNNING: 75,
  /** Not now: a hook runs there. */
  BUSY: 75,
  NO_PERMISSION: 77,
  BAD_CONFIG: 78,
} as const;
