/** Hooks that the configuration holds to a level of which their command says nothing: without a daemon nobody would know. */
import { basename, dirname } from 'node:path';
import { isStricter } from '../../../contract/call.js';
import type { Config } from '../../../contract/config.js';
import { bytesOf, plainPath } from '../../../policy/paths.js';
import { fileLevels, type Judged } from '../../../policy/policy.js';
import type { Context } from '../../context.js';
import { printable } from '../../render/printable.js';
import { type Check, warn } from '../check.js';
import { OURS } from './prefixes.js';
import { type CommandHook, readSettings, type SettingsFile, settingsFiles } from './settings.js';
import { simpleCommands } from './shell-text.js';

type LevelsConfig = Pick<Config, 'handlers' | 'pluginLevel' | 'homeFolder'>;

const SHOWN_MAX = 20;
const VARIABLE = /\$(?:\{(\w+)(?::?-[^{}]*)?\}|(\w+))/g;

export function hookLevelChecks({ env, cwd }: Pick<Context, 'env' | 'cwd'>, config: LevelsConfig): Check[] {
  const folder = cwd();
  const levelOf = fileLevels(config);
  const checks = settingsFiles(env, folder).flatMap((file) => {
    const settings = readSettings(file.path);
    if (settings.kind !== 'read') return [];
    const project = projectOf(file, folder);
    return settings.hooks.flatMap((hook) => {
      const judged = strictestOf(filesOf(hook, project, config.homeFolder).map(levelOf));
      return judged === undefined ? [] : (checkOf(file, hook, judged) ?? []);
    });
  });
  return checks.slice(0, SHOWN_MAX);
}

function projectOf({ path, scope }: SettingsFile, folder: string | undefined): string {
  return scope === 'project' ? dirname(dirname(path)) : (folder ?? '');
}

/** @param variables that the agent sets for it, beside that of the project. */
export function filesOf(
  { command, args }: Pick<CommandHook, 'command' | 'args'>,
  project: string,
  home: string,
  variables: Readonly<Record<string, string>> = {},
): string[] {
  const words = args === undefined ? simpleCommands(command).flat() : [command, ...args];
  const values: Record<string, string> = { HOME: home, CLAUDE_PROJECT_DIR: project, ...variables };
  return words
    .flatMap((word) => [word, ...simpleCommands(word).flat()]) // a text for a shell is one word
    .filter((word) => word.includes('/'))
    .map((word) => word.replace(/^~(?=\/)/, () => home))
    .map((word) => word.replace(VARIABLE, (all, braced, plain) => values[braced ?? plain] ?? all))
    .flatMap((word) => plainPath(bytesOf(word), bytesOf(project)) ?? []);
}

export function strictestOf(judged: readonly Judged[]): Judged | undefined {
  return judged.reduce<Judged | undefined>(
    (best, one) => (isStricter(one.level, best?.level ?? 'contained') ? one : best),
    undefined,
  );
}

function checkOf(
  { path }: SettingsFile,
  { event, command, args }: CommandHook,
  { level, why }: Judged,
): Check | undefined {
  const words = args === undefined ? simpleCommands(command) : [[command, ...args]];
  const callsOfUs = words.flatMap(optionsOfOurs);
  if (callsOfUs.length > 0 && callsOfUs.every((options) => options.some(isLevel))) return undefined;
  const of = printable(`\`${[command, ...(args ?? [])].join(' ')}\`, ${event} in ${path} (${why})`);
  if (callsOfUs.length === 0) {
    const what = `it runs without the supervisor, so level ${level} does not hold: ${of}`;
    return warn('hooks', what, `put \`supervisor-hook run --level ${level} --\` in front, or \`sh\` for a shell text`);
  }
  const what = `level ${level} holds only while the daemon runs: ${of}`;
  return warn('hooks', what, `add \`--level ${level}\` after \`supervisor-hook run\` or \`sh\``);
}

/** Of a command that starts our client, what stands between its verb and the hook. */
function optionsOfOurs(words: readonly string[]): string[][] {
  const at = words.findIndex((word) => OURS.has(basename(word)));
  const verb = words[at + 1];
  if (at < 0 || (verb !== 'run' && verb !== 'sh')) return [];
  const rest = words.slice(at + 2);
  const end = rest.indexOf('--');
  return [end < 0 ? rest : rest.slice(0, end)];
}

function isLevel(word: string): boolean {
  return word === '--level' || word.startsWith('--level=');
}
