/** What a confined hook sees and may write: lists for the launcher, made of the call and the files that are there. */
import { basename, dirname } from 'node:path';
import type { ConfinedLevel } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';
import { isWithin } from '../contract/secrets.js';
import { configuredFiles } from './configured-files.js';
import { type Guarded, whyGuarded } from './guarded.js';
import { whyLed } from './led.js';
import { bothNames, type PathFacts, plainPath } from './paths.js';
import { pluginDataFolder, pluginFolderOf, pluginRoot } from './plugins.js';
import { hasMark, projectOf } from './project.js';
import { isGiven, protectedPaths } from './protected.js';
import { ETC_PATHS, HOME_TOOLS, SHARED_FOLDERS, SYSTEM_PATHS } from './system-paths.js';

export interface SandboxRequest {
  level: ConfinedLevel;
  cwd: string;
  home: string;
  /** The file that is meant to run and the one that decided on the level; absolute. */
  scripts: readonly string[];
  /** The interpreter or other program that is executed, and what is executed in its place; relative ones to the cwd. */
  programs: readonly string[];
  /** See commonPaths. */
  common: readonly string[];
  /** Of the policy. */
  read: readonly string[];
  write: readonly string[];
  /** Patterns of the configuration's handlers. */
  handlers: readonly string[];
  /** Read by the parked process itself. */
  own: readonly string[];
  /** False: protected paths cannot be held here, so nothing that holds one is written. */
  canProtect: boolean;
}

export interface Sandbox {
  project: string;
  read: string[];
  write: string[];
  protect: string[];
}

/** What every confined hook of this home may read. */
export function commonPaths(home: string, facts: PathFacts): string[] {
  const tools = HOME_TOOLS.map((name) => `${home}/${name}`);
  const exists = (path: string) => facts.kind(path) !== undefined;
  const system = [...SYSTEM_PATHS, ...ETC_PATHS].filter(exists).flatMap((path) => bothNames(path, facts));
  return outermost([...system, ...tools.filter(exists)]);
}

export function sandboxOf(request: SandboxRequest, guarded: Guarded, facts: PathFacts): Sandbox | { refused: string } {
  const place = projectOf(request.cwd, guarded, facts);
  if ('refused' in place) return place;
  const { project } = place;
  const scripts = [...new Set(request.scripts.flatMap((script) => bothNames(script, facts)))];
  const led = whyLed([...request.read, ...request.write], scripts, guarded, facts);
  if (led !== undefined) return { refused: led };
  const programs = request.programs.flatMap((program) => plainPath(program, request.cwd) ?? []);
  const exists = (path: string) => facts.kind(path) !== undefined;
  const write = outermost([...writtenByLevel(request, project, scripts), ...request.write].filter(exists));
  const read = [
    ...request.common,
    ...programs.flatMap((program) => programPaths(program, guarded, facts)),
    project,
    ...scripts.flatMap((script) => scriptPaths(script, request.home, guarded, facts)),
    ...[...request.read, ...request.own].filter(exists),
  ];
  const protect = protectedBelow(write, project, scripts, request, facts);
  if (protect === undefined) return { refused: `the settings of agents name more than ${LIMITS.calledFilesMax} files` };
  const sandbox = { project, read: outermost(read), write, protect };
  const isTooLong = (['read', 'write', 'protect'] as const).find(
    (kind) => sandbox[kind].length > LIMITS.sandboxPathsMax,
  );
  if (isTooLong === undefined) return sandbox;
  return { refused: `more than ${LIMITS.sandboxPathsMax} paths to ${isTooLong}: name folders above them` };
}

function writtenByLevel({ level, home, canProtect }: SandboxRequest, project: string, scripts: string[]): string[] {
  if (level === 'untrusted') return [];
  const data = scripts.flatMap((script) => {
    const folder = pluginFolderOf(script, home);
    return folder === undefined ? [] : (pluginDataFolder(script, folder) ?? []);
  });
  return canProtect ? [project, ...data] : data;
}

/** PREFIX of PREFIX/bin/program, by each of its names: a virtual environment has one of its own. */
function programPaths(program: string, guarded: Guarded, facts: PathFacts): string[] {
  return bothNames(program, facts).flatMap((path) => {
    const folder = dirname(path);
    const prefix = dirname(folder);
    if (basename(folder) === 'bin' && whyGuarded(prefix, guarded) === undefined) return [prefix];
    return facts.kind(path) === undefined ? [] : [path];
  });
}

/** The folder of the script, since it reads its neighbours; of a plugin all of it. By itself where the folder is more. */
function scriptPaths(script: string, home: string, guarded: Guarded, facts: PathFacts): string[] {
  if (facts.kind(script) !== 'file') return [];
  const plugins = pluginFolderOf(script, home);
  const folder = plugins === undefined ? dirname(script) : pluginRoot(script, plugins, facts);
  const isMore = folder === plugins || SHARED_FOLDERS.includes(folder) || whyGuarded(folder, guarded) !== undefined;
  return [isMore ? script : folder];
}

function protectedBelow(
  write: readonly string[],
  project: string,
  scripts: readonly string[],
  request: SandboxRequest,
  facts: PathFacts,
): string[] | undefined {
  if (!request.canProtect) return [];
  const isWritten = (path: string) => write.some((folder) => isWithin(path, folder));
  const folders = new Set([project, ...write].filter((folder) => isWritten(folder)));
  const projects = [...folders].filter((folder) => folder === project || hasMark(folder, facts));
  const paths = projects.flatMap((folder) => protectedPaths(folder, request.write, facts));
  const configured: string[] = [];
  for (const folder of projects) {
    const files = configuredFiles(folder, request.home, request.handlers, facts);
    if (files === undefined) return undefined;
    configured.push(...files.filter((file) => isWritten(file) && !isGiven(file, folder, request.write)));
  }
  // Only where it is one: what stands after `sh -c` is a text, and no folder may be made to hold the place of that.
  const existing = scripts.filter((script) => isWritten(script) && facts.kind(script) === 'file');
  return [...new Set([...paths, ...existing, ...configured])];
}

/** Without what lies below another. */
function outermost(paths: readonly string[]): string[] {
  const all = [...new Set(paths)];
  return all.filter((path) => !all.some((other) => other !== path && isWithin(path, other)));
}
