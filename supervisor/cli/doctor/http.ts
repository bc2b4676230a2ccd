/** Whether agents' http hooks are served, and whether an agent that is started here would be. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HTTP_TOKEN_FILE, HTTP_TOKEN_VARIABLE } from '../../contract/http.js';
import type { RunningStatus } from '../../contract/status.js';
import { httpText } from '../render/status.js';
import { type Check, ok, warn } from './check.js';

const NAME = 'http hooks';

/** None where they are not wanted; where they cannot be had, `degraded` says so. */
export function httpChecks(
  { http }: Pick<RunningStatus, 'http'>,
  stateFolder: string,
  env: NodeJS.ProcessEnv,
): Check[] {
  if (http === null) return [];
  const tokenFile = join(stateFolder, HTTP_TOKEN_FILE);
  const given = env[HTTP_TOKEN_VARIABLE];
  if (given !== undefined && given === tokenIn(tokenFile)) return [ok(NAME, httpText(http))];
  const what = `${HTTP_TOKEN_VARIABLE} is ${given === undefined ? 'not set' : 'not the token of this daemon'}`;
  const remedy = `where the agent is started: export ${HTTP_TOKEN_VARIABLE}="$(cat ${tokenFile})"`;
  return [warn(NAME, `${httpText(http)}; ${what} here: an agent with this environment is refused`, remedy)];
}

function tokenIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return undefined;
  }
}
