/** What doctor says of hooks that the configuration holds to a level. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hookLevelChecks } from '../../../supervisor/cli/doctor/hooks/levels.js';
import type { HandlerRule } from '../../../supervisor/contract/config.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hs-hook-levels-'));
  mkdirSync(join(root, 'p/.git'), { recursive: true });
  mkdirSync(join(root, 'p/.claude'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function said(hook: { command: string; args?: string[] }): string[] {
  const hooks = { PreToolUse: [{ hooks: [{ type: 'command', ...hook }] }] };
  writeFileSync(join(root, 'p/.claude/settings.json'), JSON.stringify({ hooks }));
  const lists = { write: [], read: [], env: [], require: [] };
  const rule: HandlerRule = {
    ...{
      match: `${root}/p/hooks/**`,
      level: 'untrusted',
      network: undefined,
      ...lists,
      allowDegraded: false,
      idempotent: false,
    },
  };
  const config = { handlers: [rule], pluginLevel: 'restricted' as const, homeFolder: '/home/u' };
  const context = { env: { HOME: '/home/u' }, cwd: () => join(root, 'p') };
  return hookLevelChecks(context, config).map(({ what, remedy }) => `${what} do: ${remedy}`);
}

test.each([
  'supervisor-hook run -- python3 hooks/a.py',
  'supervisor-hook run -- "$CLAUDE_PROJECT_DIR"/hooks/a.sh --level untrusted',
  "supervisor-hook sh --timeout 5s 'sh ${CLAUDE_PROJECT_DIR}/hooks/a.sh'",
  `supervisor-hook sh -- 'sh '"\${CLAUDE_PROJECT_DIR-}"'/hooks/a.sh'`,
])('wrapped without a level: it holds while the daemon runs: %s', (command) => {
  const [only, ...rest] = said({ command });
  expect(only).toContain('level untrusted holds only while the daemon runs');
  expect(only).toContain('do: add `--level untrusted`');
  expect(rest).toEqual([]);
});

test('in exec form, too', () => {
  const args = ['run', '--', '${CLAUDE_PROJECT_DIR}/hooks/a.sh'];
  expect(said({ command: '/opt/bin/supervisor-hook', args })).toHaveLength(1);
  expect(said({ command: '/opt/bin/supervisor-hook', args: ['run', '--level=untrusted', ...args.slice(1)] })).toEqual(
    [],
  );
});

test.each(['run --level untrusted --', 'run --level=restricted --'])('with a level nothing is said: %s', (words) => {
  expect(said({ command: `supervisor-hook ${words} hooks/a.sh` })).toEqual([]);
});

test('not wrapped: it does not hold at all', () => {
  const [only] = said({ command: 'sh ./hooks/a.sh' });
  expect(only).toContain('it runs without the supervisor, so level untrusted does not hold');
  expect(only).toContain('do: put `supervisor-hook run --level untrusted --` in front');
});

test('a file of a plugin has the level of plugins; any other is contained, and nothing is said', () => {
  expect(said({ command: 'supervisor-hook run -- ~/.claude/plugins/x/a.sh' })[0]).toContain(
    'level restricted holds only',
  );
  expect(said({ command: 'supervisor-hook run -- sh other/a.sh' })).toEqual([]);
});

test('what a settings file holds does not steer the terminal', () => {
  expect(said({ command: 'sh ./hooks/a.sh \u001b[31mred' })[0]).not.toContain('\u001b');
});
