/** Version managers with two Pythons each, in a folder of the test's own. */
import { execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { findPython } from '../lib/python.js';
import { source } from '../lib/source.js';

export interface ShimTool {
  /** Added to the environment; PATH finds the shims first. */
  env: Readonly<Record<string, string>>;
  shims: string;
  /** Name and content of the file that chooses a version. */
  versionFile: string;
  choose(version: 'one' | 'two'): string;
  /** The version where there is no such file. */
  setGlobal(version: 'one' | 'two'): void;
}

export interface ToolMaker {
  name: string;
  /** Why it cannot be tested here. */
  missing: string | undefined;
  make(root: string): ShimTool;
}

/** What counts of pyenv: looks up the tree, changes the environment, and becomes the interpreter. */
const SMALL_PYENV = source`
  #!/usr/bin/env bash
  set -e
  program=$2
  shift 2
  folder=$PWD
  while [ -n "$folder" ] && [ ! -f "$folder/.python-version" ]; do folder=\${folder%/*}; done
  file=$folder/.python-version
  [ -f "$file" ] || file=$PYENV_ROOT/version
  PYENV_VERSION=$(head -n 1 "$file")
  export PYENV_VERSION PYENV_DIR="$PWD" PATH="$PYENV_ROOT/versions/$PYENV_VERSION/bin:$PATH"
  unset TAKEN_AWAY
  exec "$PYENV_ROOT/versions/$PYENV_VERSION/bin/$program" "$@"
`;

function pyenvShim(root: string, pyenv: string): string {
  return source`
    #!/usr/bin/env bash
    set -e
    [ -n "$PYENV_DEBUG" ] && set -x

    program="\${0##*/}"

    export PYENV_ROOT="ROOT"
    exec "PYENV" exec "$program" "$@"
  `
    .replace('ROOT"', `${root}"`)
    .replace('"PYENV"', `"${pyenv}"`);
}

function makePyenv(root: string, installed?: string): ShimTool {
  const shims = join(root, 'shims');
  mkdirSync(shims, { recursive: true });
  makeVersions(join(root, 'versions'), 'one', 'two');
  const pyenv = installed ?? join(root, 'libexec/pyenv');
  if (installed === undefined) writeProgram(pyenv, SMALL_PYENV);
  for (const name of ['python3', 'node']) writeProgram(join(shims, name), pyenvShim(root, pyenv));
  const setGlobal = (version: string) => writeFileSync(join(root, 'version'), `${version}\n`);
  setGlobal('one');
  const env = { PATH: searchPath(shims), TAKEN_AWAY: '1' };
  return { env, shims, versionFile: '.python-version', choose: (version) => `${version}\n`, setGlobal };
}

function makeMise(root: string, installed: string): ShimTool {
  const [data, settings] = [join(root, 'data'), join(root, 'settings')];
  const shims = join(data, 'shims');
  for (const folder of [shims, settings]) mkdirSync(folder, { recursive: true });
  const numbers = { one: '3.0.1', two: '3.0.2' };
  makeVersions(join(data, 'installs/python'), numbers.one, numbers.two);
  symlinkSync(installed, join(shims, 'python3'));
  const choose = (version: 'one' | 'two') => `[tools]\npython = "${numbers[version]}"\n`;
  const setGlobal = (version: 'one' | 'two') => writeFileSync(join(settings, 'config.toml'), choose(version));
  setGlobal('one');
  const env = {
    PATH: searchPath(shims),
    MISE_DATA_DIR: data,
    MISE_CONFIG_DIR: settings,
    MISE_STATE_DIR: join(root, 'state'),
    MISE_CACHE_DIR: join(root, 'cache'),
    MISE_TRUSTED_CONFIG_PATHS: dirname(root),
    MISE_OFFLINE: '1',
  };
  return { env, shims, versionFile: 'mise.toml', choose, setGlobal };
}

function makeVersions(folder: string, ...versions: string[]): void {
  for (const version of versions) {
    execFileSync(findPython().executable, ['-m', 'venv', '--without-pip', '--symlinks', join(folder, version)]);
    symlinkSync(process.execPath, join(folder, version, 'bin/node'));
  }
}

function writeProgram(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

function searchPath(shims: string): string {
  return [shims, '/usr/bin', '/bin'].join(':');
}

function installed(name: string, ...more: string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), ...more];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path) && isProgram(path));
  return found && realpathSync(found);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const pyenv = installed('pyenv', join(process.env.PYENV_ROOT ?? '/nowhere', 'bin'));
const mise = installed('mise');

export const TOOLS: readonly ToolMaker[] = [
  { name: 'a small pyenv', missing: undefined, make: (root) => makePyenv(root) },
  { name: 'pyenv', missing: pyenv ? undefined : 'pyenv is not installed', make: (root) => makePyenv(root, pyenv) },
  { name: 'mise', missing: mise ? undefined : 'mise is not installed', make: (root) => makeMise(root, mise ?? '') },
];
