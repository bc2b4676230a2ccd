/** What a project's own files say: its package manager, and how it is tested. One row for each kind of project. */
import { plain } from './git.mjs';

const LOCKS = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lockb', 'bun'],
  ['bun.lock', 'bun'],
  ['uv.lock', 'uv'],
  ['poetry.lock', 'poetry'],
  ['Pipfile.lock', 'pipenv'],
  ['pdm.lock', 'pdm'],
  ['Cargo.lock', 'cargo'],
  ['go.sum', 'go'],
  ['Gemfile.lock', 'bundler'],
  ['composer.lock', 'composer'],
  ['mix.lock', 'mix'],
];

const COMMAND_MAX_CHARACTERS = 120;

/** The file that tells of tests, and what it says of them. */
const TESTS = [
  ['package.json', (text, manager) => scriptOf(text, manager)],
  ['pyproject.toml', (text) => (/\[tool\.pytest|^pytest\b|["']pytest\b/m.test(text) ? '`pytest`' : undefined)],
  ['pytest.ini', () => '`pytest`'],
  ['tox.ini', () => '`tox`'],
  ['Cargo.toml', () => '`cargo test`'],
  ['go.mod', () => '`go test ./...`'],
  ['mix.exs', () => '`mix test`'],
  [
    'Makefile',
    (text) => (/^(test|check)\s*:/m.exec(text) ? `\`make ${/^(test|check)\s*:/m.exec(text)[1]}\`` : undefined),
  ],
];

function scriptOf(text, manager) {
  const script = JSON.parse(text).scripts?.test;
  if (typeof script !== 'string' || script.includes('no test specified')) return undefined;
  const runner = ['pnpm', 'yarn', 'bun'].includes(manager) ? manager : 'npm';
  return `\`${runner} ${runner === 'bun' ? 'run test' : 'test'}\` (${plain(script, COMMAND_MAX_CHARACTERS)})`;
}

/** @param {{names(): Promise<string[]>, read(name: string): Promise<string>}} folder the project's */
export function projectParts(folder) {
  return {
    'package manager': async () => {
      const names = new Set(await folder.names());
      const found = LOCKS.filter(([lock]) => names.has(lock));
      return found.length === 0
        ? undefined
        : `packages: ${found.map(([lock, manager]) => `${manager} (${lock})`).join(', ')}`;
    },
    'test command': async () => {
      const names = new Set(await folder.names());
      const manager = LOCKS.find(([lock]) => names.has(lock))?.[1];
      for (const [name, tell] of TESTS) {
        const command = names.has(name) ? tell(await folder.read(name), manager) : undefined;
        if (command !== undefined) return `tests: ${command}`;
      }
      return undefined;
    },
  };
}
