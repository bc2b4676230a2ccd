/** What a profile sets, beside what holds where it is chosen: the user's own settings count more. */
import { onlyForCalls } from '../config/changes.js';
import { defaultConfig } from '../config/defaults.js';
import type { Config } from '../contract/config.js';
import type { ParkedRange } from '../contract/parked-range.js';
import { FIRST_PROFILE, PROFILE_SETTINGS, type Profile, type ProfileChoice } from '../contract/profiles.js';

export interface ProfileRow {
  setting: string;
  profile: number | ParkedRange;
  /** With the user's own. */
  holds: number | ParkedRange;
}

const NOWHERE = { homeFolder: '', runtimeFolder: '', stateFolder: '' };

/** @param under the configuration on the defaults of a profile. @param profile what `choice` comes to. */
export function profileRows(
  under: (profile: Profile) => Config,
  choice: ProfileChoice,
  profile: Profile,
  memoryTotalBytes: number,
): ProfileRow[] {
  // The pools of `adaptive` stay those of its first profile.
  const meant = (of: (profile: Profile) => Config) =>
    choice === 'adaptive' ? onlyForCalls(of(FIRST_PROFILE), of(profile)) : of(profile);
  const own = valuesOf(meant((one) => ({ ...defaultConfig(memoryTotalBytes, one), ...NOWHERE })));
  const holding = valuesOf(meant(under));
  const rows = Object.entries(own).map(([setting, value]) => ({
    setting,
    profile: value,
    holds: holding[setting] ?? value,
  }));
  const ofValidators = Object.entries(PROFILE_SETTINGS[profile].validators).map(([key, value]) => ({
    setting: key === 'workersMax' ? `validators.${key}` : `validators.batch.${key}`,
    profile: value,
    holds: value,
  }));
  return [...rows, ...ofValidators];
}

function valuesOf(config: Config): Record<string, number | ParkedRange> {
  const { parked, parkedMemoryMaxBytes, slotsPerPool, interpreterPoolsMax, validatorTasksAtOnce, cache } = config;
  return {
    'parked.exec': parked.exec,
    'parked.python': parked.python,
    'parked.node': parked.node,
    ...{ parkedMemoryMaxBytes, slotsPerPool, interpreterPoolsMax, validatorTasksAtOnce },
    'cache.entriesMax': cache.entriesMax,
    'cache.bytesMax': cache.bytesMax,
  };
}
