/** How a Python hook starts: arguments, environment, folder, process state. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { utf8 } from '../../lib/launcher.js';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';
import { SHOW_MAIN, SHOW_START } from './python-probes.js';

const SHOW_ENVIRONMENT = source`
  import hashlib, os
  entries = sorted(os.environb.items())
  print(len(entries), hashlib.sha256(repr(entries).encode()).hexdigest())
  for name, value in entries:
      if len(value) < 200:
          print(name, value)
`;

const ok = { exitCode: 0, stderr: '' };

export const pythonStart: HookCase[] = [
  {
    name: 'argv with spaces, quotes, an empty one and newlines',
    command: ['python3', 'hook.py', 'a b', '', "it's", '"', 'line\nbreak', '*', '$HOME', '\\', '-x'],
    files: { 'hook.py': 'import sys\nprint(sys.argv)\n' },
    shows: { ...ok, stdout: expect.stringContaining(String.raw`'line\nbreak', '*', '$HOME'`) },
  },
  {
    name: 'argv that is no UTF-8',
    command: ['python3', 'hook.py', '\xff\xfe', utf8('é')],
    files: { 'hook.py': 'import os, sys\nprint([os.fsencode(word) for word in sys.argv])\n' },
    shows: { ...ok, stdout: expect.stringContaining(String.raw`b'\xff\xfe'`) },
  },
  {
    name: 'environment with newlines, empty values and invalid UTF-8',
    command: ['python3', 'hook.py'],
    files: { 'hook.py': SHOW_ENVIRONMENT },
    env: ['LINES_OF=a\nb\n', 'EMPTY=', 'BYTES=\xff\xfe\x80', 'EQUALS=a=b=c', 'odd.name=1'],
    shows: { ...ok, stdout: expect.stringContaining(String.raw`b'BYTES' b'\xff\xfe\x80'`) },
  },
  {
    name: 'environment of 1 MiB',
    command: ['python3', 'hook.py'],
    files: { 'hook.py': SHOW_ENVIRONMENT },
    env: Array.from({ length: 11 }, (_, index) => `BIG_${index}=${String(index % 10).repeat(96 * 1024)}`),
    shows: ok,
  },
  {
    name: 'environment in the order of the caller',
    command: ['python3', 'hook.py'],
    forms: ['run'], // a shell between orders it anew
    files: { 'hook.py': 'import os\nprint(list(os.environ))\n' },
    env: ['Z_FIRST=1', 'A_SECOND=2', 'M_THIRD=3'],
    shows: { ...ok, stdout: expect.stringContaining("'Z_FIRST', 'A_SECOND', 'M_THIRD'") },
  },
  {
    name: 'script named by a variable, as agents configure it',
    command: { shell: 'python3 "$CLAUDE_PROJECT_DIR"/hooks/hook.py --flag' },
    forms: ['sh'],
    files: { 'hooks/hook.py': SHOW_START },
    env: ['CLAUDE_PROJECT_DIR=.'],
    shows: { ...ok, stdout: expect.stringContaining("['./hooks/hook.py', '--flag']") },
  },
  {
    name: 'assignments before the command',
    command: { shell: "GREETING='good day' NAME=$USER python3 hook.py" },
    forms: ['sh'],
    files: { 'hook.py': 'import os\nprint(os.environ["GREETING"], os.environ["NAME"])\n' },
    shows: { ...ok, stdout: 'good day tester\n' },
  },
  {
    name: 'sys: argv, path, flags, prefixes and streams',
    command: ['python3', 'folder/hook.py', 'x'],
    files: { 'folder/hook.py': SHOW_START },
    shows: { ...ok, stdout: expect.stringContaining('/folder') },
  },
  {
    name: '__main__ has the attributes of a script',
    command: ['python3', 'hook.py'],
    files: { 'hook.py': SHOW_MAIN },
    shows: { ...ok, stdout: expect.stringContaining("__name__ '__main__'") },
  },
  {
    name: 'absolute script path',
    command: ({ workspace }) => ['python3', join(workspace, 'hook.py')],
    files: { 'hook.py': SHOW_MAIN },
    shows: ok,
  },
  {
    name: 'cwd and PWD',
    command: ['python3', 'hook.py'],
    files: { 'hook.py': 'import os\nprint(os.getcwd(), os.environ.get("PWD"), os.stat(".").st_ino > 0)\n' },
    env: ['PWD=/nowhere'],
    shows: ok,
  },
  {
    name: 'deleted cwd',
    command: ({ workspace }) => ['python3', join(workspace, 'hook.py')],
    files: {
      'hook.py': source`
        import os, sys
        print(sys.path[0], os.listdir('.'))
        try:
            os.getcwd()
        except FileNotFoundError as error:
            print(error)
      `,
    },
    launch: { deletedCwd: true },
    exec: { forms: ['sh'], reason: 'the shell itself complains about its folder' },
    shows: { exitCode: 0, stdout: expect.stringContaining('No such file') },
  },
  {
    name: 'umask, resource limits, niceness and ignored signals',
    command: ['python3', 'hook.py'],
    files: {
      'hook.py': source`
        import os, resource, signal
        open('made', 'w').close()
        os.mkdir('folder')
        for name in sorted(dir(resource)):
            if name.startswith('RLIMIT_'):
                print(name, resource.getrlimit(getattr(resource, name)))
        print(os.nice(0), [number for number in range(1, 65) if number not in (32, 33)
                           and signal.getsignal(number) is signal.SIG_IGN])
        print(open('/proc/self/status').read().partition('SigBlk:')[2].splitlines()[0:3])
      `,
    },
    launch: { umask: 0o027, rlimits: { CORE: [0, 0], NOFILE: [123, 456] }, niceAdd: 3, ignoredSignals: [1, 12] },
    shows: { ...ok, stdout: expect.stringContaining('RLIMIT_NOFILE (123, 456)') },
  },
  {
    name: 'own session, no terminal, no descriptor but the three',
    command: ['python3', 'hook.py'],
    forms: ['run'], // behind a shell the leader of the session may be the shell, which the supervisor leaves out
    files: {
      'hook.py': source`
        import os
        print(os.getsid(0) == os.getpid() == os.getpgid(0), sorted(os.listdir('/proc/self/fd')))
        try:
            os.open('/dev/tty', os.O_RDWR)
        except OSError as error:
            print(error)
        print([os.get_blocking(fd) for fd in range(3)], [os.get_inheritable(fd) for fd in range(3)])
      `,
    },
    shows: { ...ok, stdout: expect.stringContaining('True') },
  },
];
