/** Hooks that are shell text, shell scripts or other programs. */
import { expect } from 'vitest';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';

const SIGTERM = 15;

export const execShell: HookCase[] = [
  {
    name: 'script: argv with spaces, quotes, an empty one and newlines',
    command: ['bash', 'hook.sh', 'a b', '', "it's", '"', 'line\nbreak', '*', '$HOME', '\\', '\xff'],
    files: { 'hook.sh': String.raw`printf '<%s>\n' "$0" "$#" "$@"` },
    shows: {
      exitCode: 0,
      stdout: expect.stringContaining('<>\n<it\'s>\n<">\n<line\nbreak>\n<*>\n<$HOME>\n<\\>\n<\xff>\n'),
    },
  },
  {
    name: 'bash set -euo pipefail stops at the first failure',
    command: ['bash', 'hook.sh'],
    files: {
      'hook.sh': source`
        set -euo pipefail
        echo one
        false | cat
        echo never
      `,
    },
    shows: { exitCode: 1, stdout: 'one\n' },
  },
  {
    name: 'bash unset variable under set -u',
    command: ['bash', 'hook.sh'],
    files: { 'hook.sh': 'set -u\necho "$NOT_SET_ANYWHERE"\necho never\n' },
    shows: { exitCode: 1, stderr: 'hook.sh: line 2: NOT_SET_ANYWHERE: unbound variable\n' },
  },
  {
    name: 'bash traps: EXIT, ERR, TERM',
    command: ['bash', 'hook.sh'],
    files: {
      'hook.sh': source`
        trap 'echo exit $?' EXIT
        trap 'echo err $LINENO' ERR
        trap 'echo term; exit 9' TERM
        false
        kill -TERM $$
        echo never
      `,
    },
    shows: { exitCode: 9, stdout: 'err 4\nterm\nexit 9\n' },
  },
  {
    name: 'bash heredocs and here strings',
    command: ['bash', 'hook.sh'],
    files: {
      'hook.sh': source`
        cat <<TEXT
        expanded $USER $((2 * 21))
        TEXT
        cat <<'TEXT'
        literal $USER
        TEXT
        read -r first rest <<< 'here string words'
        echo "$rest, $first"
      `,
    },
    shows: { exitCode: 0, stdout: 'expanded tester 42\nliteral $USER\nstring words, here\n' },
  },
  {
    name: 'bash process substitution, arrays, regular expressions',
    command: ['bash', 'hook.sh'],
    files: {
      'hook.sh': source`
        diff <(printf 'a\nb\n') <(printf 'a\nc\n')
        mapfile -t lines < <(printf 'x y\nz\n')
        echo "\${#lines[@]}" "/dev/fd:" /dev/fd/[0-2]
        [[ 'rm -rf /' =~ ^rm\ -([a-z]+) ]] && echo "$BASH_REMATCH"
        tee >(cat >&2) <<< 'both' > /dev/null
        wait
      `,
    },
    shows: { exitCode: 0, stdout: expect.stringContaining('2c2\n< b\n---\n> c\n2 /dev/fd:') },
  },
  {
    name: 'bash -c with BASH_ENV',
    command: ['bash', '-c', 'echo "$FROM_BASH_ENV" $0 $1', 'zero', 'one'],
    env: ['BASH_ENV=./environment.sh'],
    files: { 'environment.sh': 'FROM_BASH_ENV=read\n' },
    shows: { exitCode: 0, stdout: 'read zero one\n' },
  },
  {
    name: 'script with a #! line and an argument in it',
    command: ['./hook.sh', 'x'],
    files: { 'hook.sh': '#!/bin/bash -e\necho "$0 $1"\nfalse\necho never\n' },
    shows: { exitCode: 1, stdout: './hook.sh x\n' },
  },
  {
    name: 'not executable: 126',
    command: { shell: './hook.sh' },
    files: { 'hook.sh': 'echo never\n' },
    shows: { exitCode: 126, stderr: expect.stringContaining('Permission denied') },
  },
  {
    name: 'a folder: 126',
    command: { shell: './folder' },
    files: { 'folder/file': '' },
    shows: { exitCode: 126 },
  },
  {
    name: 'no such command: 127',
    command: { shell: 'no-such-command-anywhere --flag' },
    shows: { exitCode: 127, stderr: expect.stringContaining('not found') },
  },
  {
    name: 'interpreter of the #! line is missing',
    command: { shell: './hook' },
    files: { hook: '#!/no/such/interpreter\n' },
    shows: { exitCode: 127 },
  },
  {
    name: 'shell syntax error',
    command: { shell: 'if true; then echo' },
    shows: { exitCode: 2, stderr: expect.stringContaining('yntax error') },
  },
  {
    name: 'pipeline, list, subshell, glob, command substitution',
    command: { shell: 'cat *.txt | tr a-z A-Z && (cd folder && ls) ; echo "$(cat b.txt)" || echo no' },
    files: { 'a.txt': 'first\n', 'b.txt': 'second\n', 'folder/inside': '' },
    shows: { exitCode: 0, stdout: 'FIRST\nSECOND\ninside\nsecond\n' },
  },
  {
    name: 'redirections: > < >> 2>&1 >&2',
    command: { shell: 'cat < in > out; echo more >> out; ls no-such-file 2>&1; echo to stderr >&2; exit 3' },
    files: { in: 'text\n' },
    shows: {
      exitCode: 3,
      stderr: 'to stderr\n',
      files: expect.objectContaining({ out: expect.stringContaining('more') }),
    },
  },
  {
    name: 'assignments, quotes and expansions',
    command: { shell: `A=1 B="$USER's" C='$USER' env printenv A B C; echo "\${UNSET:-default}" $USER"x"'y' ~` },
    shows: { exitCode: 0, stdout: expect.stringContaining("1\ntester's\n$USER\ndefault testerxy /") },
  },
  {
    name: 'one simple command that the shell need not run',
    command: { shell: '/usr/bin/printf "%s|" "$USER" \'$USER\' a\\ b $UNSET_HERE "$UNSET_HERE"' },
    shows: { exitCode: 0, stdout: 'tester|$USER|a b||' },
  },
  {
    name: 'environment of a simple command behind a shell',
    command: { shell: 'env' },
    env: ['PWD=/wrong', 'OLDPWD=/old', 'SHLVL=3', '_=before', 'EMPTY='],
    shows: { exitCode: 0, stdout: expect.stringContaining('EMPTY=\n') },
  },
  {
    name: 'environment with newlines and invalid UTF-8',
    command: ['env', '-0'],
    forms: ['run'],
    env: ['LINES_OF=a\nb\n', 'EMPTY=', 'BYTES=\xff\xfe\x80', 'odd.name=1'],
    shows: {
      exitCode: 0,
      stdout: expect.stringContaining('LINES_OF=a\nb\n\0EMPTY=\0BYTES=\xff\xfe\x80\0odd.name=1\0'),
    },
  },
  {
    name: 'environment of 1 MiB',
    command: { shell: 'env | sort | sha256sum; env | wc -c' },
    env: Array.from({ length: 11 }, (_, index) => `BIG_${index}=${String(index % 10).repeat(96 * 1024)}`),
    shows: { exitCode: 0 },
  },
  {
    name: 'umask, limits, niceness, ignored signals',
    command: { shell: 'umask; ulimit -n; ulimit -Hn; nice; grep -E "Sig(Blk|Ign)" /proc/self/status; : > made' },
    launch: { umask: 0o077, rlimits: { CORE: [0, 0], NOFILE: [99, 1000] }, niceAdd: 5, ignoredSignals: [1, 13] },
    shows: { exitCode: 0, stdout: expect.stringContaining('0077\n99\n1000\n5\nSigBlk:\t0000000000000000\n') },
  },
  {
    name: 'deleted cwd',
    command: { shell: 'pwd -P; ls; cd / && pwd' },
    launch: { deletedCwd: true },
    shows: { exitCode: 0, stdout: expect.stringContaining('/\n') },
  },
  {
    name: 'descriptors: the three and no other, all pipes',
    command: { shell: 'ls /proc/self/fd; for fd in 0 1 2; do test -p /dev/fd/$fd && echo pipe; done; tty' },
    shows: { exitCode: 1, stdout: '0\n1\n2\n3\npipe\npipe\npipe\nnot a tty\n' },
  },
  {
    name: 'killed by a signal of its own',
    command: ['sh', '-c', 'echo before; kill -TERM $$'],
    shows: { stdout: 'before\n' },
  },
  {
    name: 'simple command behind a shell that dies of a signal',
    command: { shell: 'bash killed.sh' },
    files: { 'killed.sh': 'echo before\nkill -TERM $$\n' },
    shows: { stdout: 'before\n', diesOf: SIGTERM },
  },
  {
    name: 'background child that holds stdout for a while',
    command: { shell: '(sleep 0.2; echo late) & echo early' },
    shows: { exitCode: 0, stdout: 'early\nlate\n' },
  },
  {
    name: 'lingering child that writes a file after the answer',
    command: { shell: '(sleep 0.3; echo late > part; mv part late) < /dev/null > /dev/null 2>&1 & echo answer' },
    shows: {
      exitCode: 0,
      stdout: 'answer\n',
      files: expect.objectContaining({ late: expect.stringContaining('late') }),
    },
    awaitFile: 'late',
  },
];
