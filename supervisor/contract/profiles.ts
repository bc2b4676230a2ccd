/** Profiles: defaults for one kind of work. Whatever the user sets himself counts more. The numbers are those of the guide's four
 *  profiles where it has them; what each means here: docs/profiles.md. `balanced` is what holds where nothing is said. */
import { CACHE_DEFAULTS, type CacheSettings } from './caching.js';
import type { Runtime } from './call.js';
import { fromGuide, GUIDE_SCARCE, GUIDE_WORKERS, withinPool } from './guide.js';
import { MIB } from './limits.js';
import type { ParkedRange } from './parked-range.js';

export const PROFILES = ['latency', 'throughput', 'balanced', 'resource_constrained'] as const;
export type Profile = (typeof PROFILES)[number];

/** `adaptive`: one of the others, as host and load ask for it. */
export const PROFILE_CHOICES = [...PROFILES, 'adaptive'] as const;
export type ProfileChoice = (typeof PROFILE_CHOICES)[number];

/** What `adaptive` begins with, and what its pools have in any case: they are not replaced while it is busy. */
export const FIRST_PROFILE: Profile = 'balanced';

/** Of validators that do not say it themselves. */
export interface ValidatorDefaults {
  workersMax: number;
  maxBatchSize: number;
  maxWaitMs: number;
}

export interface ProfileSettings {
  parked: Readonly<Record<Runtime, ParkedRange>>;
  /** A share of the memory of the machine, between two bounds. */
  parkedMemoryBytes: { min: number; max: number; share: number };
  slotsPerPool: number;
  interpreterPoolsMax: number;
  cache: CacheSettings;
  validatorTasksAtOnce: number;
  validators: ValidatorDefaults;
}

const { entriesMax, bytesMax } = CACHE_DEFAULTS;
const BALANCED: ProfileSettings = {
  ...fromGuide(GUIDE_WORKERS.balanced),
  // One Python and one Node with all that they park at first (80 MiB) on any machine; above, what nobody misses (3 %), and no
  // more than a Node for the largest bursts and five other interpreters need.
  parkedMemoryBytes: { min: 96 * MIB, max: 512 * MIB, share: 1 / 32 },
  interpreterPoolsMax: 6,
  cache: { entriesMax, bytesMax },
  validators: { workersMax: 1, maxBatchSize: 100, maxWaitMs: 50 },
};
const SCARCE = fromGuide(GUIDE_WORKERS.resource_constrained);
const SCARCE_POOL = withinPool(SCARCE.parked.python, GUIDE_SCARCE.poolSize);
const { memoryBytes: scarceBytes } = GUIDE_SCARCE;

export const PROFILE_SETTINGS: Readonly<Record<Profile, ProfileSettings>> = {
  latency: {
    ...BALANCED,
    // A Node takes longest to start, and the guide's least holds for all.
    parked: { ...BALANCED.parked, node: { ...BALANCED.parked.node, min: 4 } },
    parkedMemoryBytes: { min: 128 * MIB, max: 1024 * MIB, share: 1 / 16 },
    cache: { entriesMax: 4 * entriesMax, bytesMax: 4 * bytesMax },
    validators: { workersMax: 2, maxBatchSize: 10, maxWaitMs: 10 },
  },
  throughput: {
    ...BALANCED,
    ...fromGuide(GUIDE_WORKERS.throughput),
    parkedMemoryBytes: { min: 128 * MIB, max: 1024 * MIB, share: 1 / 16 },
    interpreterPoolsMax: 8,
    validators: { workersMax: 4, maxBatchSize: 1000, maxWaitMs: 100 },
  },
  balanced: BALANCED,
  resource_constrained: {
    ...BALANCED,
    ...SCARCE,
    parked: { exec: SCARCE.parked.exec, python: SCARCE_POOL, node: SCARCE_POOL },
    parkedMemoryBytes: { min: scarceBytes, max: scarceBytes, share: 0 },
    interpreterPoolsMax: 2,
    cache: { entriesMax: entriesMax / 2, bytesMax: bytesMax / 2 },
  },
};

/** In `supervisor status --json`. */
export interface ProfileStatus {
  chosen: ProfileChoice;
  /** Who has chosen it: a place of the configuration, `default`, or the operator. */
  chosenBy: string;
  /** Another one only where `adaptive` is chosen. */
  inForce: Profile;
  why: string;
  sinceMs: number;
}
