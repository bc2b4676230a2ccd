/** Defaults < user file < environment < flags -> one frozen Config, or every problem at once. Writes nothing. */
import { totalmem, userInfo } from 'node:os';
import { posix } from 'node:path';
import type { Runtime } from '../contract/call.js';
import type { Config, ConfigProblem } from '../contract/config.js';
import type { ValidatorSpec } from '../contract/validating.js';
import { defaultConfig } from './defaults.js';
import { environmentLayers } from './environment.js';
import { chooseRuntimeFolder, chooseStateFolder, type FolderSources, userFilePath } from './folders.js';
import { handlerProblems, handlerRules } from './handlers.js';
import { httpHooks } from './http.js';
import type { JudgedLayer, Layer } from './layer.js';
import { fitParked, parkedRange } from './parked.js';
import { relationProblems } from './relations.js';
import type { UserSettings } from './schema.js';
import { readUserFile } from './user-file.js';
import { validatorProblems, validatorSpecs } from './validators.js';

export interface ConfigFlags {
  configFile?: string;
  logLevel?: string;
}

export interface ConfigSources extends FolderSources {
  flags: ConfigFlags;
  memoryTotalBytes: number;
}

const NOTHING_SET: JudgedLayer = { settings: {}, problems: [] };

export type LoadedConfig =
  | { ok: true; config: Readonly<Config>; notes: string[] }
  | { ok: false; problems: ConfigProblem[] };

export function systemSources(env: NodeJS.ProcessEnv, flags: ConfigFlags): ConfigSources {
  const uid = process.geteuid?.() ?? 0;
  return {
    env,
    flags,
    uid,
    homeFolder: env.HOME?.startsWith('/') ? env.HOME : homeOfAccount(),
    runUserFolder: '/run/user',
    temporaryFolder: '/tmp',
    memoryTotalBytes: totalmem(),
  };
}

/** A container may run under a uid that has no account. */
function homeOfAccount(): string {
  try {
    return userInfo().homedir;
  } catch {
    return '/';
  }
}

/** @param judge `judgeLayer`. Its library takes longer to load than a verb that asks the daemon takes for all else, so it comes
 *  from the caller: without it (undefined) nothing may be set, which `isAnythingSet` tells. @param judgeValidators what only rooms
 *  can tell that understand matchers and graphs. */
export function loadConfig(
  sources: ConfigSources,
  judge: ((layer: Layer) => JudgedLayer) | undefined,
  judgeValidators: (specs: readonly ValidatorSpec[]) => ConfigProblem[] = () => [],
): LoadedConfig {
  const problems: ConfigProblem[] = [];
  const { layers, notes } = layersOf(sources, problems);

  const settings = defaultConfig(sources.memoryTotalBytes);
  const home = plainHome(sources.homeFolder);
  const origins = new Map<string, string>();
  for (const layer of layers) {
    const judged = judge?.(layer) ?? NOTHING_SET;
    problems.push(...judged.problems);
    const { handlers, validators, parked = {}, http: { hooks, ...http } = {}, ...plain } = judged.settings;
    if (hooks !== undefined) settings.http.hooks = httpHooks(hooks);
    if (handlers !== undefined) {
      const rules = handlerRules(handlers, home);
      settings.handlers = rules;
      problems.push(...handlerProblems(rules, home, layer.placeOf));
    }
    if (validators !== undefined) {
      const specs = validatorSpecs(validators, home);
      settings.validators = specs;
      problems.push(...validatorProblems(specs, home, layer.placeOf), ...judgeValidators(specs));
    }
    for (const [runtime, given] of Object.entries(parked) as [Runtime, (typeof parked)[Runtime]][]) {
      if (given === undefined) continue;
      settings.parked[runtime] = parkedRange(given, settings.parked[runtime]);
      origins.set(`parked.${runtime}`, layer.placeOf(`parked.${runtime}`));
    }
    overlay(settings, { ...plain, http }, (keyPath) => origins.set(keyPath, layer.placeOf(keyPath)));
  }
  fitParked(settings, (keyPath) => origins.has(keyPath));
  problems.push(...relationProblems(settings, (keyPath) => origins.get(keyPath) ?? `${keyPath} (default)`));

  const runtime = chooseRuntimeFolder(sources);
  if (!runtime.ok) return { ok: false, problems: [...problems, runtime.problem] };
  if (problems.length > 0) return { ok: false, problems };
  const state = chooseStateFolder(sources, runtime.path);
  if (state.note !== undefined) notes.push(state.note);
  if (settings.limits.memoryMaxBytes > sources.memoryTotalBytes) {
    notes.push('limits.memoryMaxBytes is more than this machine has: one hook can use up its memory');
  }
  const config = { ...settings, homeFolder: home, runtimeFolder: runtime.path, stateFolder: state.path };
  return { ok: true, config: frozen(config), notes };
}

export function isAnythingSet(sources: ConfigSources): boolean {
  return layersOf(sources, []).layers.some(({ values }) => Object.keys(Object(values)).length > 0);
}

/** Weakest first. */
function layersOf(sources: ConfigSources, problems: ConfigProblem[]): { layers: Layer[]; notes: string[] } {
  const { layers, notes } = environmentLayers(sources.env);
  return { layers: [...fileLayers(sources, problems), ...layers, flagLayer(sources.flags)], notes };
}

/** Without a slash at its end, so that a path below it can be told by its beginning. */
function plainHome(folder: string): string {
  return posix.normalize(folder).replace(/(.)\/$/, '$1');
}

function fileLayers(sources: ConfigSources, problems: ConfigProblem[]): Layer[] {
  const path = sources.flags.configFile ?? userFilePath(sources);
  const file = readUserFile(path, sources.uid);
  if (file.kind === 'values')
    return [{ values: file.values, placeOf: (key) => (key === '' ? path : `${path}: ${key}`) }];
  if (file.kind === 'problem') problems.push(file.problem);
  // Without --config the file is optional; with it, a missing one is a mistake.
  else if (sources.flags.configFile !== undefined) {
    problems.push({ where: `flag --config ${path}`, what: 'there is no such file', remedy: 'give the path of a file' });
  }
  return [];
}

function flagLayer(flags: ConfigFlags): Layer {
  return {
    values: flags.logLevel === undefined ? {} : { logLevel: flags.logLevel },
    placeOf: () => 'flag --log-level',
  };
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

export function frozen(config: Config): Readonly<Config> {
  for (const range of Object.values(config.parked)) Object.freeze(range);
  Object.freeze(config.parked);
  Object.freeze(config.limits);
  Object.freeze(config.records);
  Object.freeze(config.http);
  Object.freeze(config.handlers);
  Object.freeze(config.validators);
  return Object.freeze(config);
}
