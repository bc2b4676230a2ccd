/** Programs that look up a package before they run what is in it, and what to do once instead of on each call. */
import { basename } from 'node:path';
import { type PlainCommand, type SplitWords, splitOptions } from './prefixes.js';
import { shellWord } from './shell-text.js';

export type Scope = 'user' | 'project';

export interface SlowLaunch {
  launcher: string;
  why: string;
  /** To be run once; '' where nothing is to be installed. */
  install: string;
  /** The words to be written where `insteadOf` stands; none where they cannot be known. */
  call: readonly string[];
  insteadOf: string;
}

export const PROJECT_FOLDER = '${CLAUDE_PROJECT_DIR}';

interface Runner {
  start: readonly string[];
  /** Options that name the package where it is not called as its program. */
  packageOptions: readonly string[];
  valued: readonly string[];
  install: Record<Scope, string>;
  /** Where an installation for a project puts programs; '' where they come on PATH. */
  binFolder: string;
}

const NODE_BIN = `${PROJECT_FOLDER}/node_modules/.bin/`;
const NPM_VALUED = ['-w', '--workspace', '--registry', '--prefix', '--cache', '-c', '--call'];
const UV_VALUED = [
  ...['-p', '--python', '--with', '--with-editable', '--with-requirements', '-i', '--index-url', '--index'],
  ...['--default-index', '--extra-index-url', '--cache-dir', '--directory', '--project', '--env-file', '--package'],
  ...['--group', '--only-group', '--no-group', '--extra', '--no-extra', '--config-file', '-m', '--module'],
];
const RUNNERS: readonly Runner[] = [
  ...[['npx'], ['npm', 'exec'], ['npm', 'x']].map((start) => ({
    start,
    packageOptions: ['-p', '--package'],
    valued: NPM_VALUED,
    install: { project: 'npm install --save-dev', user: 'npm install --global' },
    binFolder: NODE_BIN,
  })),
  ...[['bunx'], ['bun', 'x']].map((start) => ({
    start,
    packageOptions: ['-p', '--package'],
    valued: [],
    install: { project: 'bun add --dev', user: 'bun add --global' },
    binFolder: NODE_BIN,
  })),
  ...[['pnpm', 'dlx'], ['pnpx']].map((start) => ({
    start,
    packageOptions: ['--package'],
    valued: ['-C', '--dir'],
    install: { project: 'pnpm add --save-dev', user: 'pnpm add --global' },
    binFolder: NODE_BIN,
  })),
  {
    start: ['yarn', 'dlx'],
    packageOptions: ['-p', '--package'],
    valued: [],
    install: { project: 'yarn add --dev', user: 'npm install --global' }, // newer yarns install nothing globally
    binFolder: NODE_BIN,
  },
  ...[['uvx'], ['uv', 'tool', 'run']].map((start) => ({
    start,
    packageOptions: ['--from'],
    valued: UV_VALUED,
    install: { project: 'uv tool install', user: 'uv tool install' },
    binFolder: '',
  })),
  {
    start: ['pipx', 'run'],
    packageOptions: ['--spec'],
    valued: ['--python', '--pip-args', '-i', '--index-url'],
    install: { project: 'pipx install', user: 'pipx install' },
    binFolder: '',
  },
];

export function slowLaunch(command: PlainCommand, scope: Scope): SlowLaunch | undefined {
  for (const runner of RUNNERS) {
    const behind = wordsBehind(command.words, runner.start, runner.valued);
    if (behind !== undefined) return packageLaunch(command.words, behind, runner, scope);
  }
  const behind = wordsBehind(command.words, ['uv', 'run'], UV_VALUED);
  return behind === undefined ? undefined : uvRun(command, behind);
}

/** What follows `start`, between whose words options may stand. */
function wordsBehind(words: readonly string[], start: readonly string[], valued: readonly string[]) {
  const [first = '', ...others] = start;
  if (basename(words[0] ?? '') !== first) return undefined;
  let behind = words.slice(1);
  for (const word of others) {
    const { operands } = splitOptions(behind, valued);
    if (operands[0] !== word) return undefined;
    behind = operands.slice(1);
  }
  return behind;
}

function packageLaunch(words: readonly string[], behind: readonly string[], runner: Runner, scope: Scope): SlowLaunch {
  const { options, operands } = splitOptions(behind, [...runner.valued, ...runner.packageOptions]);
  const named = options.filter(([name]) => runner.packageOptions.includes(name)).map(([, value]) => value);
  const [program] = operands;
  const packages = named.length > 0 ? named : program === undefined ? [] : [program];
  const launcher = runner.start.join(' ');
  const folder = scope === 'project' ? runner.binFolder : '';
  const isPlain = program !== undefined && /^(@[\w.-]+\/)?[\w.-]+([@=<>~[].*)?$/.test(program);
  return {
    launcher,
    why: `${launcher} looks up the package on each call`,
    install: packages.length === 0 ? '' : [runner.install[scope], ...packages.map(shellWord)].join(' '),
    call: isPlain ? [`${folder}${programOf(program)}`] : [],
    insteadOf: upTo(words, operands),
  };
}

/** `@scope/tool@1.2` runs `tool`. */
function programOf(spec: string): string {
  return basename(spec.replace(/(?<=.)[@=<>~[].*$/, ''));
}

/** The words before the arguments of the program. */
function upTo(words: readonly string[], operands: SplitWords['operands']): string {
  const argumentCount = Math.max(0, operands.length - 1);
  return words
    .slice(0, words.length - argumentCount)
    .map(shellWord)
    .join(' ');
}

/** `uv run` brings the project's environment up to date before it runs anything, unless told not to. */
function uvRun({ words, variables }: PlainCommand, behind: readonly string[]): SlowLaunch | undefined {
  const { options, operands } = splitOptions(behind, UV_VALUED);
  const has = (...names: string[]) => options.some(([name]) => names.includes(name));
  const valueAfter = (...names: string[]) => options.find(([name]) => names.includes(name))?.[1];
  if (variables.includes('UV_NO_SYNC') || has('--script', '-s', '--no-sync', '--no-project')) return undefined;
  const extra = options.filter(([name]) => name === '--with').map(([, value]) => value);
  const elsewhere = valueAfter('--project', '--directory') ?? globalProject(words);
  const inProject = elsewhere === undefined ? '' : ` --project ${shellWord(elsewhere)}`;
  const bin = `${elsewhere ?? PROJECT_FOLDER}/.venv/bin/`;
  const module = valueAfter('-m', '--module');
  const [program = ''] = operands;
  return {
    launcher: 'uv run',
    why: "uv run brings the project's environment up to date on each call",
    install: extra.length > 0 ? `uv add --dev${inProject} ${extra.map(shellWord).join(' ')}` : `uv sync${inProject}`,
    call: module === undefined ? venvCall(bin, program) : [`${bin}python`, '-m', module],
    insteadOf: module === undefined ? upTo(words, operands) : upTo(words, ['', ...operands]),
  };
}

/** `uv --project FOLDER run` says it before the verb. */
function globalProject(words: readonly string[]): string | undefined {
  const { options } = splitOptions(words.slice(1), UV_VALUED);
  return options.find(([name]) => name === '--project' || name === '--directory')?.[1];
}

function venvCall(bin: string, program: string): string[] {
  return program.endsWith('.py') ? [`${bin}python`, program] : [`${bin}${program}`];
}
