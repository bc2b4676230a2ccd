/** The guide's `optimization` block as settings of ours. Pure. Every key is told of: where it went, that it is so anyway, or why it has
 *  no counterpart. */
import { CACHE_DEFAULTS } from '../../contract/caching.js';
import type { Runtime } from '../../contract/call.js';
import { fromGuide, GUIDE_SCARCE, GUIDE_WORKERS, withinPool } from '../../contract/guide.js';
import type { ParkedRange } from '../../contract/parked-range.js';
import { FIRST_PROFILE, PROFILE_SETTINGS, type Profile, type ProfileChoice } from '../../contract/profiles.js';
import type { BatchRule } from '../../contract/validating.js';
import { type GuideWishes, type Rule, ruleOf } from './guide-keys.js';
import type { GuideEntry } from './optimization.js';

export interface MovedSettings {
  profile?: ProfileChoice;
  parked?: Partial<Record<Runtime, ParkedRange>>;
  parkedMemoryMaxBytes?: number;
  slotsPerPool?: number;
  validatorTasksAtOnce?: number;
  limits?: { cpuMax: string };
  records?: { batchDelayMs: number };
  cache?: { entriesMax: number };
}

/** The guide says once for all what a validator of ours says for itself. */
export interface EachValidator {
  batch?: Partial<BatchRule>;
  cache?: { ttlMs: number };
}

/** `moved`: the word is where to. */
export type Told<Entry> = { entry: Entry; kind: 'moved' | 'same' | 'left'; word: string };

export interface SettingsMigration<Entry> {
  settings: MovedSettings;
  eachValidator: EachValidator;
  told: Told<Entry>[];
}

type Wish = keyof GuideWishes;
type Fate = Pick<Told<unknown>, 'kind' | 'word'>;

const moved = (...to: string[]): Fate => ({ kind: 'moved', word: to.join(', ') });
const same = (word: string): Fate => ({ kind: 'same', word });
const left = (word: string): Fate => ({ kind: 'left', word });

/** @param entries of which the later counts more. */
export function settingsFromGuide<Entry extends GuideEntry>(entries: readonly Entry[]): SettingsMigration<Entry> {
  const wishes: GuideWishes = {};
  const madeBy = new Map<Wish, Entry>();
  const told = new Map<Entry, Fate>();
  for (const entry of entries) {
    const rule = ruleOf(entry.key);
    const read =
      rule === undefined ? left('neither the guide nor its first version has it') : readBy(rule, entry.value);
    if ('kind' in read) {
      told.set(entry, read);
      continue;
    }
    const before = madeBy.get(read.into);
    if (before !== undefined) told.set(before, left('it is set again'));
    Object.assign(wishes, { [read.into]: read.value });
    madeBy.set(read.into, entry);
  }
  const { fates, ...found } = together(wishes);
  const fateOf = new Map([...told, ...[...madeBy].map(([wish, entry]) => [entry, fates[wish]] as const)]);
  return {
    ...found,
    told: entries.flatMap((entry) => {
      const fate = fateOf.get(entry);
      return fate === undefined ? [] : [{ entry, ...fate }];
    }),
  };
}

function readBy(rule: Rule, value: unknown): Fate | { into: Wish; value: unknown } {
  switch (rule.kind) {
    case 'none':
      return left(rule.why);
    case 'fixed':
      return value === rule.value ? same(rule.why) : left(rule.otherwise);
    case 'choice': {
      const choice = typeof value === 'string' ? rule.of.get(value) : undefined;
      return choice === undefined
        ? left(`only ${[...rule.of.keys()].join(', ')} have a counterpart`)
        : { into: rule.into, value: choice };
    }
    case 'number': {
      const { min, max, isWhole, times, into } = rule;
      const isIn = typeof value === 'number' && value >= min && value <= max && (!isWhole || Number.isInteger(value));
      const what = isWhole ? 'whole numbers' : 'numbers';
      return isIn
        ? { into, value: Math.round(value * times) }
        : left(`only ${what} from ${min} to ${max} have a counterpart`);
    }
  }
}

/** What some of them come to depends on others. */
function together(wishes: GuideWishes) {
  const settings: MovedSettings = {};
  const eachValidator: EachValidator = {};
  const fates: Partial<Record<Wish, Fate>> = {};
  const { profile, memoryBytes, cpuPercent, recordsDelayMs, cacheEntries, cacheTtlMs } = wishes;
  const base = profile === undefined || profile === 'adaptive' ? FIRST_PROFILE : profile;
  const own = PROFILE_SETTINGS[base];
  const hasIt = same(`profile "${base}" has it`);
  if (profile !== undefined) {
    settings.profile = profile;
    fates.profile = moved('profile');
  }
  pools(wishes, base, settings, fates);
  if (memoryBytes !== undefined) {
    const isSo = base === 'resource_constrained' && memoryBytes === GUIDE_SCARCE.memoryBytes;
    if (!isSo) settings.parkedMemoryMaxBytes = memoryBytes;
    fates.memoryBytes = isSo ? hasIt : moved('parkedMemoryMaxBytes');
  }
  if (cpuPercent !== undefined) {
    settings.limits = { cpuMax: `${cpuPercent * 1_000} 100000` };
    fates.cpuPercent = moved('limits.cpuMax');
  }
  if (recordsDelayMs !== undefined) {
    settings.records = { batchDelayMs: recordsDelayMs };
    fates.recordsDelayMs = moved('records.batchDelayMs');
  }
  if (cacheEntries !== undefined) {
    const isSo = cacheEntries === own.cache.entriesMax;
    if (!isSo) settings.cache = { entriesMax: cacheEntries };
    fates.cacheEntries = isSo ? hasIt : moved('cache.entriesMax');
  }
  if (cacheTtlMs !== undefined) {
    const isSo = cacheTtlMs === CACHE_DEFAULTS.ttlMs;
    if (!isSo) eachValidator.cache = { ttlMs: cacheTtlMs };
    fates.cacheTtlMs = isSo ? same('it is so where a validator has `cache`') : moved('cache.ttlMs of each validator');
  }
  batches(wishes, base, eachValidator, fates);
  return { settings, eachValidator, fates };
}

function pools(
  { workersMin, workersMax, poolSize }: GuideWishes,
  base: Profile,
  settings: MovedSettings,
  fates: Partial<Record<Wish, Fate>>,
): void {
  const guides = GUIDE_WORKERS[base];
  const workers = { min: workersMin ?? guides.min, max: workersMax ?? guides.max };
  const isSo = workers.min === guides.min && workers.max === guides.max;
  const isPossible = workers.min <= workers.max;
  const isMoved = !isSo && isPossible;
  const impossible = left(`at least ${workers.min} and at most ${workers.max} workers`);
  const unmoved = isPossible ? same(`profile "${base}" has it`) : impossible;
  if (workersMin !== undefined) fates.workersMin = isMoved ? moved('parked') : unmoved;
  if (workersMax !== undefined)
    fates.workersMax = isMoved ? moved('parked', 'slotsPerPool', 'validatorTasksAtOnce') : unmoved;
  const held = isMoved ? fromGuide(workers) : PROFILE_SETTINGS[base];
  if (isMoved) Object.assign(settings, fromGuide(workers));
  if (poolSize === undefined) return;
  if (!isMoved && base === 'resource_constrained' && poolSize === GUIDE_SCARCE.poolSize)
    fates.poolSize = same(`profile "${base}" has it`);
  else if (poolSize > held.slotsPerPool)
    fates.poolSize = left(`a pool has ${held.slotsPerPool} slots with these workers`);
  else {
    const [python, node] = [held.parked.python, held.parked.node].map((range) => withinPool(range, poolSize));
    settings.parked = { ...settings.parked, ...(python && { python }), ...(node && { node }) };
    fates.poolSize = moved('parked.python', 'parked.node');
  }
}

const BATCH_WISHES = { batchSize: 'maxBatchSize', batchWaitMs: 'maxWaitMs', batchStrategy: 'strategy' } as const;

function batches(
  wishes: GuideWishes,
  base: Profile,
  eachValidator: EachValidator,
  fates: Partial<Record<Wish, Fate>>,
): void {
  const so: BatchRule = { ...PROFILE_SETTINGS[base].validators, strategy: 'adaptive' };
  for (const [wish, key] of Object.entries(BATCH_WISHES) as [keyof typeof BATCH_WISHES, keyof BatchRule][]) {
    const value = wishes[wish];
    if (value === undefined) continue;
    const isSo = value === so[key];
    if (!isSo) eachValidator.batch = { ...eachValidator.batch, [key]: value };
    fates[wish] = isSo ? same('it is so where a validator has `batch`') : moved(`batch.${key} of each validator`);
  }
}
