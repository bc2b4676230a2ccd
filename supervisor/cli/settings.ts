/** The configuration as a verb needs it: loaded, or every problem told and the exit code that goes with it. */
import { type ConfigFlags, keysSet, type LoadedConfig, loadConfig, systemSources } from '../config/load.js';
import { ExitCode } from '../contract/status.js';
import { type Context, tellProblem } from './context.js';

export type Settings = Extract<LoadedConfig, { ok: true }> | { ok: false; exitCode: number };

export async function loadSettings(context: Context, flags: ConfigFlags): Promise<Settings> {
  const loaded = await configOf(context.env, flags);
  if (loaded.ok) return loaded;
  for (const problem of loaded.problems) tellProblem(context, problem);
  return { ok: false, exitCode: ExitCode.BAD_CONFIG };
}

export async function configOf(env: NodeJS.ProcessEnv, flags: ConfigFlags): Promise<LoadedConfig> {
  const sources = systemSources(env, flags);
  const keys = keysSet(sources);
  if (keys.size === 0) return loadConfig(sources, undefined);
  const [layer, asked] = await Promise.all([
    import('../config/layer.js'),
    // What understands matchers is as much again to load.
    keys.has('validators') || keys.has('hooks') ? import('../validating/problems.js') : undefined,
  ]);
  return loadConfig(sources, layer.judgeLayer, asked?.judgeAsked);
}
