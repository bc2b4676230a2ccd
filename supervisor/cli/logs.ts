/** `supervisor logs`: the daemon's log for people. Needs no daemon. */
import { existsSync } from 'node:fs';
import { ExitCode } from '../contract/status.js';
import { type Context, tellProblem } from './context.js';
import { LogFollower, lastLines, logPaths } from './log-files.js';
import { isAboutPool, renderLogLine } from './render/log-line.js';
import { loadSettings } from './settings.js';

const LOOK_EVERY_MS = 250;

export interface LogsOptions {
  follow?: boolean;
  /** The name of a pool or its beginning: one that is gone has lines still. */
  pool?: string;
  lines: number;
  json?: boolean;
}

export async function logs(context: Context, { follow, pool, lines, json }: LogsOptions): Promise<number> {
  const settings = await loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const paths = logPaths(settings.config);
  const [path = ''] = paths.filter(existsSync);
  if (path === '') {
    const remedy = 'the daemon writes it: supervisor up -d';
    tellProblem(context, { where: paths[0] ?? '', what: 'there is no log yet', remedy });
    return ExitCode.UNAVAILABLE;
  }
  const isWanted = (line: string) => pool === undefined || isAboutPool(line, pool);
  // The lines are those of the file, which is NDJSON.
  const show = (line: string) =>
    context.out(json ? `${line}\n` : `${renderLogLine(line, context.screen).join('\n')}\n`);
  const follower = follow ? new LogFollower(path) : undefined;
  for (const line of lastLines(path, lines, isWanted)) show(line);
  if (follower === undefined) return ExitCode.OK;
  for await (const _ of context.ticks(LOOK_EVERY_MS)) for (const line of follower.read().filter(isWanted)) show(line);
  follower.close();
  return ExitCode.OK;
}
