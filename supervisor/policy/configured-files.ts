/** Files that run unasked since somebody has configured it: hooks, MCP servers and other commands of agents' settings, and
 *  those that a handler's pattern names. A confined hook that writes the folder they lie in would run by them, with all the
 *  rights that they have. */
import picomatch from 'picomatch';
import { LIMITS } from '../contract/limits.js';
import { isWithin } from '../contract/secrets.js';
import { isSystems, wordsOfText } from './called-files.js';
import { bothNames, bytesOf, type PathFacts, plainPath } from './paths.js';

/** Below the home and below a project. */
const SETTINGS = [
  ...['.claude/settings.json', '.codex/hooks.json', '.codex/config.toml', '.gemini/settings.json'],
  ...['.cursor/hooks.json', '.cursor/mcp.json'],
];
/** Below a project only. */
const OF_PROJECT = ['.claude/settings.local.json', '.mcp.json'];
const MANAGED_SETTINGS = '/etc/claude-code/managed-settings.json';
/** Keys whose strings are commands, or words of one. */
const EXECUTED = ['command', 'args', 'apiKeyHelper', 'awsAuthRefresh', 'awsCredentialExport', 'otelHeadersHelper'];
const PROJECT_VARIABLES = ['CLAUDE_PROJECT_DIR', 'GEMINI_PROJECT_DIR', 'CURSOR_PROJECT_DIR', 'PWD'];

/** @param patterns of the handlers.
 *  @returns what is there of them below `project`; undefined: more than are looked at. */
export function configuredFiles(
  project: string,
  home: string,
  patterns: readonly string[],
  facts: PathFacts,
): string[] | undefined {
  const env = [`HOME=${home}`, ...PROJECT_VARIABLES.map((name) => `${name}=${project}`)];
  const ofHome = SETTINGS.map((name) => `${home}/${name}`);
  const ofProject = [...SETTINGS, ...OF_PROJECT].map((name) => `${project}/${name}`);
  const texts = [MANAGED_SETTINGS, ...ofHome, ...ofProject].flatMap((path) => commandsOf(facts.text(path)));
  const named = texts.flatMap((text) => wordsOfText(text, env, home)).flatMap((word) => plainPath(word, project) ?? []);
  const files = [...new Set(named)].filter((path) => !isSystems(path) || isWithin(path, project));
  if (files.length > LIMITS.calledFilesMax) return undefined;
  // The project goes by its real name, what leads into it need not.
  const below = (paths: readonly string[]) =>
    paths.flatMap((path) => bothNames(path, facts)).filter((path) => path !== project && isWithin(path, project));
  return [
    ...below(files).filter((path) => facts.kind(path) === 'file'),
    ...below(patterns.map(baseOf).filter((base) => base !== '')).filter((path) => facts.kind(path) !== undefined),
  ];
}

/** What of a pattern is no pattern: the file that it names, or the folder that all it matches lie in. */
function baseOf(pattern: string): string {
  return bytesOf(picomatch.scan(pattern, { unescape: true }).base.replace(/(.)\/$/, '$1'));
}

/** Of what cannot be parsed all is taken for commands: a word too much is a file that stays as it is. */
function commandsOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  try {
    return executedIn(JSON.parse(text), false).map(bytesOf);
  } catch {
    return [bytesOf(text)];
  }
}

function executedIn(value: unknown, isCommand: boolean): string[] {
  if (typeof value === 'string') return isCommand ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one) => executedIn(one, isCommand));
  return Object.entries(value).flatMap(([key, one]) => executedIn(one, EXECUTED.includes(key)));
}
