/** Defaults < user file < environment < flags -> one frozen Config, or every problem at once. Writes nothing. */
import { totalmem, userInfo } from 'node:os';
import { posix } from 'node:path';
import type { Config, ConfigProblem } from '../contract/config.js';
import { FIRST_PROFILE, type Profile } from '../contract/profiles.js';
import type { Settings } from './defaults.js';
import { environmentLayers } from './environment.js';
import { chooseRuntimeFolder, chooseStateFolder, type FolderSources, userFilePath } from './folders.js';
import type { JudgedLayer, Layer } from './layer.js';
import { type JudgeAsked, settle } from './settle.js';
import { readUserFile } from './user-file.js';

export interface ConfigFlags {
  configFile?: string;
  logLevel?: string;
  /** The operator's, to a daemon that runs. */
  profile?: string;
}

export interface ConfigSources extends FolderSources {
  flags: ConfigFlags;
  memoryTotalBytes: number;
}

const NOTHING_SET: JudgedLayer = { settings: {}, problems: [] };

export type LoadedConfig =
  | {
      ok: true;
      config: Readonly<Config>;
      notes: string[];
      /** Where the profile was chosen. */
      profileFrom: string;
      /** The same settings on the defaults of a profile, chosen or not. */
      under(profile: Profile): Readonly<Config>;
    }
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
 *  from the caller: without it (undefined) nothing may be set, which `keysSet` tells. */
export function loadConfig(
  sources: ConfigSources,
  judge: ((layer: Layer) => JudgedLayer) | undefined,
  judgeAsked: JudgeAsked = () => [],
): LoadedConfig {
  const problems: ConfigProblem[] = [];
  const { layers, notes } = layersOf(sources, problems);

  const home = plainHome(sources.homeFolder);
  const judged = layers.map((layer) => ({ ...(judge?.(layer) ?? NOTHING_SET), placeOf: layer.placeOf }));
  problems.push(...judged.flatMap((layer) => layer.problems));
  const choosing = judged.findLast(({ settings }) => settings.profile !== undefined);
  const chosen = choosing?.settings.profile ?? FIRST_PROFILE;
  const settleUnder = (profile: Profile) =>
    settle(judged, { profile, memoryTotalBytes: sources.memoryTotalBytes, home, judgeAsked });
  const settled = settleUnder(chosen === 'adaptive' ? FIRST_PROFILE : chosen);
  const { settings } = settled;
  problems.push(...settled.problems);

  const runtime = chooseRuntimeFolder(sources);
  if (!runtime.ok) return { ok: false, problems: [...problems, runtime.problem] };
  if (problems.length > 0) return { ok: false, problems };
  const state = chooseStateFolder(sources, runtime.path);
  if (state.note !== undefined) notes.push(state.note);
  if (settings.limits.memoryMaxBytes > sources.memoryTotalBytes) {
    notes.push('limits.memoryMaxBytes is more than this machine has: one hook can use up its memory');
  }
  const folders = { homeFolder: home, runtimeFolder: runtime.path, stateFolder: state.path };
  const configOf = (its: Settings) => frozen({ ...its, ...folders, profile: chosen });
  return {
    ...{ ok: true, config: configOf(settings), notes },
    profileFrom: choosing?.placeOf('profile') ?? 'default',
    under: (profile) => configOf(settleUnder(profile).settings),
  };
}

/** Keys that anybody has set, known or not. */
export function keysSet(sources: ConfigSources): ReadonlySet<string> {
  return new Set(layersOf(sources, []).layers.flatMap(({ values }) => Object.keys(Object(values))));
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

function flagLayer({ logLevel, profile }: ConfigFlags): Layer {
  return {
    values: { ...(logLevel !== undefined && { logLevel }), ...(profile !== undefined && { profile }) },
    placeOf: (keyPath) => (keyPath === 'profile' ? 'supervisor profile set' : 'flag --log-level'),
  };
}

export function frozen(config: Config): Readonly<Config> {
  for (const range of Object.values(config.parked)) Object.freeze(range);
  Object.freeze(config.parked);
  Object.freeze(config.limits);
  Object.freeze(config.records);
  Object.freeze(config.http);
  Object.freeze(config.handlers);
  Object.freeze(config.validators);
  Object.freeze(config.hooks);
  Object.freeze(config.cache);
  return Object.freeze(config);
}
