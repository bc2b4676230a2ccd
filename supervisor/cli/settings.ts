/** The configuration as a verb needs it: loaded, or every problem told and the exit code that goes with it. */
import { type ConfigFlags, loadConfig, systemSources } from '../config/load.js';
import type { Config } from '../contract/config.js';
import { ExitCode } from '../contract/status.js';
import { type Context, tellProblem } from './context.js';

export type Settings = { ok: true; config: Readonly<Config>; notes: string[] } | { ok: false; exitCode: number };

export function loadSettings(context: Context, flags: ConfigFlags): Settings {
  const loaded = loadConfig(systemSources(context.env, flags));
  if (loaded.ok) return loaded;
  for (const problem of loaded.problems) tellProblem(context, problem);
  return { ok: false, exitCode: ExitCode.BAD_CONFIG };
}
