/** Tricks on files: what others obey in the project, the script that was called, secrets elsewhere. */
import { at, byUser, type Expected, type Row, SAY, shell } from './row.js';
import type { Scene } from './scene.js';

/** Nothing but Landlock and read-only mounts stands in the way at `restricted`; at `untrusted` nothing can be written. */
const KEPT: Expected = at('done', 'refused');
const FREE: Expected = at('done', 'done', 'refused');

const WRITES = [
  ...['.git/config', '.git/HEAD', '.git/commondir', '.git/hooks/pre-commit', '.git/hooks/post-checkout'],
  ...['.claude/settings.json', '.claude/settings.local.json', '.claude/hooks/guard.sh', '.vscode/tasks.json'],
  ...['.venv/bin/python', '.envrc', '.mcp.json', 'CLAUDE.md', 'mise.toml', '.tool-versions', '.cargo/config.toml'],
  ...[
    '.npmrc',
    'lefthook.yml',
    '.pre-commit-config.yaml',
    '.husky/pre-commit',
    '.husky/pre-push',
    '.idea/workspace.xml',
  ],
  // Hooks of settings and of the configuration.
  ...['hooks/stop.sh', 'handled/check.sh', 'handled/another.sh'],
];
const ABSENT = ['.codex', '.gemini', '.cursor', '.agents'];
const TRICKS = {
  'removes .git/config': 'rm -f .git/config',
  'renames .git': 'mv .git free/git',
  'renames .claude': 'mv .claude free/claude',
  'renames the project': 'mv "$PWD" "$PWD.away" && mv "$PWD.away" "$PWD"',
  'renames a file over .git/config': 'echo x > free/new && mv -f free/new .git/config',
  'renames a folder over .git/hooks': 'mkdir -p free/d && rm -r .git/hooks && mv free/d .git/hooks',
  'truncates .mcp.json': 'truncate -s 0 .mcp.json',
  'writes through a symbolic link': 'ln -s ../.git/config free/l && echo x > free/l',
  'writes through a link that was there': 'echo x > link-to-settings',
  'replaces a protected link target': 'rm -f .claude/settings.json && ln -s /dev/null .claude/settings.json',
  'writes through a linked folder': 'ln -s ../.git/hooks free/h && echo x > free/h/pre-push',
  'writes through a hard link': 'ln .git/config free/hard && echo x > free/hard',
  'hard-links the secret': 'ln "$1" free/secret && cat free/secret >/dev/null',
  'writes by /proc/self/root': 'echo x > "/proc/self/root$PWD/.git/config"',
  'writes by /proc/self/cwd': 'echo x > /proc/self/cwd/.git/config',
  'opens a read-only descriptor anew': 'exec 3< .git/config && echo x > /proc/self/fd/3',
  'climbs out by ..': 'cat ../../secret >/dev/null',
  'climbs out by a symbolic link': 'ln -s ../../../secret free/out && cat free/out >/dev/null',
  'reads a secret': 'cat "$1" >/dev/null',
  'writes a secret': 'cat "$1" > free/copy && cat free/copy > "$1"',
  'makes the secret a setuid program': 'chmod 4755 "$1" && chmod 600 "$1"',
  'changes the time of the secret': 'touch -d 2001-01-01 "$1"',
  'changes the mode of a secret': 'chmod 600 "$1"',
  'changes the owner of a secret': 'chown "$(id -u)" "$1"',
  'changes the mode of the home': 'chmod 755 "$2"',
  'reads a key of the home': 'cat "$2/.ssh/id_ed25519" >/dev/null',
  "reads the daemon's configuration": 'cat "$2/.config/hook-supervisor/config.json" >/dev/null',
  "changes the daemon's configuration": ': >> "$2/.config/hook-supervisor/config.json"',
  "reads the daemon's log": 'cat "$2/.local/state/hook-supervisor/daemon.log" >/dev/null',
  "looks into the daemon's folder": 'ls "$3" | grep -q call.sock',
  "removes the daemon's sockets' neighbour": 'touch "$3/x" && rm "$3/x"',
  'changes the mode of .git/config': 'chmod 666 .git/config',
  'changes the time of .git/config': 'touch -d 2001-01-01 .git/config',
  'renames over another hook': 'echo evil > free/evil && mv -f free/evil hooks/stop.sh',
  'renames the folder of another hook': 'mv hooks free/hooks',
  'makes .envrc something else': 'rm .envrc && mkfifo .envrc',
  'writes the file it may write': 'echo x > free/written',
};
const ON_SCRIPT = {
  'writes into the called script': 'echo evil >> "$0"',
  'removes the called script': 'rm -f "$0" && [ ! -e "$0" ]',
  'renames over the called script': 'echo evil > free/evil && mv -f free/evil "$0"',
  'changes the mode of the called script': 'chmod 600 "$0"',
};
const FREE_TRICKS = new Set(['writes the file it may write']);

/** Words that are no script, so that their folder is not shown: code of the command's own would read it. */
const ASIDE: readonly [name: string, argv: (secret: string) => string[]][] = [
  ['behind --rcfile', (secret) => ['/bin/bash', '--rcfile', secret, '-c', `( cat ${secret} ) ${SAY}`]],
  ['behind -c', (secret) => ['/bin/bash', '-c', `( cat "$0" ) ${SAY}`, secret]],
];

export const fileRows: readonly Row[] = [
  ...WRITES.map((path) => shell(`writes ${path}`, `echo evil > ${path}`, KEPT)),
  ...ABSENT.map((path) => shell(`makes ${path}`, `mkdir -p ${path}/hooks && echo evil > ${path}/hooks/x`, KEPT)),
  ...Object.entries(TRICKS).map(([name, text]) =>
    shell(name, text, FREE_TRICKS.has(name) ? FREE : KEPT, ({ secretFile, home }) => [
      ...[secretFile, home.home, home.runtimeFolder],
    ]),
  ),
  shell('reads the shadow file', 'head -c 1 /etc/shadow', at(byUser('done', 'refused'), 'refused')),
  // Where we live in a container of our own, its first process may be somebody else's.
  shell('writes by the root of process 1', 'echo x > "/proc/1/root$PWD/.git/config"', at('done|refused', 'refused')),
  ...ASIDE.map(([name, argv]) => ({
    name: `has a secret shown by naming it ${name}`,
    argv: ({ secretFile }: Scene) => argv(secretFile),
    expected: KEPT,
  })),
  ...Object.entries(ON_SCRIPT).map(([name, text]) => ({
    ...shell(name, text, KEPT),
    argv: (scene: Scene, level: Parameters<Row['argv']>[1]) => [
      `${scene.project(level)}/script.sh`,
      `if ( ${text} ) 2>/dev/null; then echo '{"got":"done"}'; else echo '{"got":"refused"}'; fi`,
    ],
  })),
];
