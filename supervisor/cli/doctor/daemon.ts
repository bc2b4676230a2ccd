/** The folder where daemon and client meet, and who is there. */
import { chooseRuntimeFolder, chooseStateFolder } from '../../config/folders.js';
import { type LoadedConfig, systemSources } from '../../config/load.js';
import { checkRuntimeFolder } from '../../config/runtime-folder.js';
import type { Context } from '../context.js';
import { type DaemonState, daemonState } from '../daemon-state.js';
import { configOf } from '../settings.js';
import { tryCall } from '../try-call.js';
import { type Check, fail, ok, warn } from './check.js';
import { consumptionCheck } from './consumption.js';
import { httpChecks } from './http.js';

const CALL_TIMEOUT_MS = 5_000;

export async function daemonChecks(context: Context): Promise<Check[]> {
  const sources = systemSources(context.env, {});
  const chosen = chooseRuntimeFolder(sources);
  const checks = configChecks(await configOf(context.env, {}));
  if (!chosen.ok) return checks;
  const { path } = chosen;
  const stateFolder = chooseStateFolder(sources, path).path;
  return [...checks, folderCheck(path, context.uid), ...(await stateChecks(context, path, stateFolder))];
}

function configChecks(loaded: LoadedConfig): Check[] {
  if (!loaded.ok)
    return loaded.problems.map(({ where, what, remedy }) => fail('configuration', `${where}: ${what}`, remedy));
  if (loaded.notes.length === 0) return [ok('configuration', 'no problems')];
  return loaded.notes.map((note) => warn('configuration', note, ''));
}

function folderCheck(path: string, uid: number): Check {
  const name = 'runtime folder';
  const state = checkRuntimeFolder(path, uid);
  if (state.kind === 'refused') return fail(name, `${path} ${state.problem.what}`, state.problem.remedy);
  return ok(name, state.kind === 'ours' ? path : `${path}, made at the first start`);
}

async function stateChecks(context: Context, runtimeFolder: string, stateFolder: string): Promise<Check[]> {
  const state = await daemonState(runtimeFolder, context.uid);
  const check = await stateCheck(context, runtimeFolder, state);
  if (state.kind !== 'running') return [check];
  return [check, await consumptionCheck(state.status), ...httpChecks(state.status, stateFolder, context.env)];
}

async function stateCheck(context: Context, runtimeFolder: string, state: DaemonState): Promise<Check> {
  const name = 'daemon';
  switch (state.kind) {
    case 'refused':
      return fail(name, `${state.problem.where} ${state.problem.what}`, state.problem.remedy);
    case 'stopped':
      return warn(name, 'not running: hooks run directly, without limits', 'supervisor up -d');
    case 'stuck':
      return fail(name, `pid ${state.pid ?? 'unknown'} does not answer: ${state.reason}`, 'supervisor down');
    case 'running': {
      const { pid, degraded, driver } = state.status;
      const call = await tryCall(context, runtimeFolder, CALL_TIMEOUT_MS);
      if (call.kind === 'unanswered')
        return fail(name, `pid ${pid}, but no call is served: ${call.why}`, 'supervisor down');
      const [first] = degraded;
      if (first !== undefined) return warn(name, `pid ${pid}, ${first.layer} degraded: ${first.reason}`, first.remedy);
      return ok(name, `pid ${pid}, cgroup ${driver}, a call took ${call.explanation.milliseconds} ms`);
    }
  }
}
