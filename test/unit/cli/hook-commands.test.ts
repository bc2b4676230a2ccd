/** What doctor takes for a command that looks up a package, and what it takes for none. */
import { describe, expect, test } from 'vitest';
import { type Scope, slowLaunch } from '../../../supervisor/cli/doctor/hooks/launchers.js';
import { commandsOfText } from '../../../supervisor/cli/doctor/hooks/prefixes.js';
import { shellWord, simpleCommands } from '../../../supervisor/cli/doctor/hooks/shell-text.js';

function launches(text: string, scope: Scope = 'project') {
  return commandsOfText(text).flatMap((command) => slowLaunch(command, scope) ?? []);
}

const BIN = '${CLAUDE_PROJECT_DIR}/node_modules/.bin';
const VENV = '${CLAUDE_PROJECT_DIR}/.venv/bin';

describe('the package and the program', () => {
  test.each([
    ['npx prettier --write x', 'npm install --save-dev prettier', [`${BIN}/prettier`], 'npx prettier'],
    ['npx -y @scope/tool@1.2 a', 'npm install --save-dev @scope/tool@1.2', [`${BIN}/tool`], 'npx -y @scope/tool@1.2'],
    ['npx -p typescript tsc -b', 'npm install --save-dev typescript', [`${BIN}/tsc`], 'npx -p typescript tsc'],
    ['npx --package=a --package=b c', 'npm install --save-dev a b', [`${BIN}/c`], 'npx --package=a --package=b c'],
    ['npm exec -- eslint .', 'npm install --save-dev eslint', [`${BIN}/eslint`], 'npm exec -- eslint'],
    ['npm --silent x eslint', 'npm install --save-dev eslint', [`${BIN}/eslint`], 'npm --silent x eslint'],
    ['bunx cowsay hi', 'bun add --dev cowsay', [`${BIN}/cowsay`], 'bunx cowsay'],
    ['bun x cowsay', 'bun add --dev cowsay', [`${BIN}/cowsay`], 'bun x cowsay'],
    ['pnpm dlx cowsay', 'pnpm add --save-dev cowsay', [`${BIN}/cowsay`], 'pnpm dlx cowsay'],
    ['yarn dlx -p a b', 'yarn add --dev a', [`${BIN}/b`], 'yarn dlx -p a b'],
    ['uvx ruff check', 'uv tool install ruff', ['ruff'], 'uvx ruff'],
    ['uvx --from a[b] c', "uv tool install 'a[b]'", ['c'], "uvx --from 'a[b]' c"],
    ['uv tool run --python 3.12 ruff', 'uv tool install ruff', ['ruff'], 'uv tool run --python 3.12 ruff'],
    ['pipx run --spec black==24 black .', 'pipx install black==24', ['black'], 'pipx run --spec black==24 black'],
    ['npx github:user/repo', 'npm install --save-dev github:user/repo', [], 'npx github:user/repo'],
    ["npx -c 'eslint .'", '', [], "npx -c 'eslint .'"],
    ['uv run guard.py a', 'uv sync', [`${VENV}/python`, 'guard.py'], 'uv run guard.py'],
    ['uv run python guard.py', 'uv sync', [`${VENV}/python`], 'uv run python'],
    ['uv run -m guard a', 'uv sync', [`${VENV}/python`, '-m', 'guard'], 'uv run -m guard'],
    ['uv run --with rich ruff', 'uv add --dev rich', [`${VENV}/ruff`], 'uv run --with rich ruff'],
    ['uv --project /p run x', 'uv sync --project /p', ['/p/.venv/bin/x'], 'uv --project /p run x'],
    ['uv run --project "$D" x', 'uv sync --project "$D"', ['$D/.venv/bin/x'], 'uv run --project "$D" x'],
  ])('%s', (text, install, call, insteadOf) => {
    expect(launches(text)).toMatchObject([{ install, call, insteadOf }]);
  });

  test('in the settings of a user: installed for the user, called by name', () => {
    expect(launches('npx prettier x', 'user')).toMatchObject([
      { install: 'npm install --global prettier', call: ['prettier'] },
    ]);
  });
});

describe('found behind what stands before it', () => {
  test.each([
    'cd "$CLAUDE_PROJECT_DIR" && npx a',
    'jq -r .x | xargs -n 1 npx a',
    'FOO=1 BAR="x y" npx a',
    'env -u HOME FOO=1 npx a',
    'timeout -k 1 5 npx a',
    'exec /usr/local/bin/npx a',
    'if true; then npx a; fi',
    '! npx a',
    'x=$(npx a)',
    '`npx a`',
    '{ npx a; }',
    'true 2>/dev/null; npx a',
    'true >&2 && npx a',
    '# a comment\nnpx a',
    'true \\\n && npx a',
    "bash -lc 'npx a'",
    'sh -c \'sh -c "npx a"\'',
    "supervisor-hook sh --timeout 5s 'npx a'",
    'supervisor-hook run --timeout 5s -- npx a',
    'timeout 5 ./bin/supervisor run -- npx a',
  ])('%s', (text) => {
    expect(launches(text)).toMatchObject([{ launcher: 'npx', install: 'npm install --save-dev a' }]);
  });
});

describe('not found where it is no command, or a quick one', () => {
  test.each([
    'echo npx a',
    'echo "use npx a"',
    "grep 'npx a' file",
    'npx-like a',
    'true # npx a',
    'echo > npx',
    'cat <<EOF\nnpx a\nEOF',
    'npm run lint',
    'npm test',
    'yarn lint',
    'pnpm exec eslint',
    'bun run x.ts',
    'pipx list',
    'uv sync',
    'uv run --script guard.py',
    'uv run --no-sync guard.py',
    'UV_NO_SYNC=1 uv run guard.py',
    'python3 guard.py',
    '',
    'sh -c \'sh -c "sh -c \\"sh -c npx\\""\'',
    'sh',
    'supervisor-hook run',
    "echo 'unclosed npx a",
  ])('%s', (text) => {
    expect(launches(text)).toEqual([]);
  });
});

test('words: quotes and escapes are taken off, redirections and comments left out', () => {
  expect(simpleCommands(`a "b \\"c\\" $d" 'e f'g\\ h 2>&1 <in >>out i#j # k\nl<<<m n`)).toEqual([
    ['a', 'b "c" $d', 'e fg h', 'i#j'],
    ['l', 'n'],
  ]);
});

test('a word as it would be typed', () => {
  expect(['a-b', 'a b', "it's", '$A b', '$A"b', ''].map(shellWord)).toEqual([
    'a-b',
    "'a b'",
    "'it'\\''s'",
    '"$A b"',
    '"$A\\"b"',
    "''",
  ]);
});
