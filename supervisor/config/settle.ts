/** Judged layers of settings over the defaults of a profile, the strongest last, and what is wrong with all of them together. */
import type { Runtime } from '../contract/call.js';
import type { Config, ConfigProblem } from '../contract/config.js';
import { PROFILE_SETTINGS, type Profile } from '../contract/profiles.js';
import { defaultConfig, type Settings } from './defaults.js';
import { handlerProblems, handlerRules } from './handlers.js';
import { eventHookProblems, eventHookSpecs } from './hooks.js';
import { httpHooks } from './http.js';
import type { JudgedLayer, Layer } from './layer.js';
import { fitParked, parkedRange } from './parked.js';
import { relationProblems } from './relations.js';
import type { UserSettings } from './schema.js';
import { validatorProblems, validatorSpecs } from './validators.js';

/** What only rooms can tell of validators and hooks of events that understand matchers and graphs. */
export type JudgeAsked = (config: Pick<Config, 'validators' | 'hooks'>) => ConfigProblem[];

export interface SettleRules {
  profile: Profile;
  memoryTotalBytes: number;
  /** In its plain form. */
  home: string;
  judgeAsked: JudgeAsked;
}

export function settle(
  layers: readonly (Pick<JudgedLayer, 'settings'> & Pick<Layer, 'placeOf'>)[],
  { profile, memoryTotalBytes, home, judgeAsked }: SettleRules,
): { settings: Settings; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const settings = defaultConfig(memoryTotalBytes, profile);
  const origins = new Map<string, string>();
  for (const layer of layers) {
    const {
      handlers,
      validators,
      hooks: eventHooks,
      parked = {},
      http: { hooks, ...http } = {},
      ...plain
    } = layer.settings;
    if (hooks !== undefined) settings.http.hooks = httpHooks(hooks);
    if (handlers !== undefined) {
      const rules = handlerRules(handlers, home);
      settings.handlers = rules;
      problems.push(...handlerProblems(rules, home, layer.placeOf));
    }
    if (validators !== undefined) {
      const specs = validatorSpecs(validators, home, PROFILE_SETTINGS[profile].validators);
      settings.validators = specs;
      problems.push(...validatorProblems(specs, home, layer.placeOf));
    }
    if (eventHooks !== undefined) {
      settings.hooks = eventHookSpecs(eventHooks);
      problems.push(...eventHookProblems(settings.hooks, settings.validators, layer.placeOf));
    }
    for (const [runtime, given] of Object.entries(parked) as [Runtime, (typeof parked)[Runtime]][]) {
      if (given === undefined) continue;
      settings.parked[runtime] = parkedRange(given, settings.parked[runtime]);
      origins.set(`parked.${runtime}`, layer.placeOf(`parked.${runtime}`));
    }
    overlay(settings, { ...plain, http }, (keyPath) => origins.set(keyPath, layer.placeOf(keyPath)));
  }
  problems.push(...judgeAsked(settings));
  fitParked(settings, (keyPath) => origins.has(keyPath));
  const unset = profile === 'balanced' ? 'default' : `profile ${profile}`;
  problems.push(...relationProblems(settings, (keyPath) => origins.get(keyPath) ?? `${keyPath} (${unset})`));
  return { settings, problems };
}

/** Lays the given settings over `base` in place; undefined never replaces a value. */
function overlay(base: object, given: UserSettings | object, onSet: (keyPath: string) => void, parent = ''): void {
  const target = base as Record<string, unknown>;
  for (const [key, value] of Object.entries(given)) {
    if (key === '$schema' || value === undefined) continue;
    const keyPath = parent === '' ? key : `${parent}.${key}`;
    if (typeof value === 'object' && value !== null) overlay(target[key] as object, value, onSet, keyPath);
    else {
      target[key] = value;
      onSet(keyPath);
    }
  }
}
