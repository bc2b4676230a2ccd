/** What a Python hook reads and writes. */
import { expect } from 'vitest';
import { utf8 } from '../../lib/launcher.js';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';

const MIB = 1024 * 1024;
const PAYLOAD = utf8('{"tool_name": "Bash", "tool_input": {"command": "ls \\"é\\""}}');
const ALL_BYTES = String.fromCharCode(...Array(256).keys());

function hook(name: string, text: string, shows: HookCase['shows'], more: Partial<HookCase> = {}): HookCase {
  return { name, command: ['python3', 'hook.py'], files: { 'hook.py': text }, ...more, shows };
}

export const pythonIo: HookCase[] = [
  hook('stdin empty', 'import sys\nprint(repr(sys.stdin.read()))\n', { stdout: "''\n" }),
  hook(
    'stdin JSON',
    'import json, sys\nprint(json.load(sys.stdin)["tool_input"])\n',
    { exitCode: 0, stdout: utf8("{'command': 'ls \"é\"'}\n") },
    { stdin: PAYLOAD },
  ),
  hook(
    'stdin binary through sys.stdin.buffer, and back',
    'import sys\ndata = sys.stdin.buffer.read()\nsys.stdout.buffer.write(data)\n',
    { exitCode: 0, stdout: ALL_BYTES },
    { stdin: ALL_BYTES },
  ),
  hook(
    'stdin that is no UTF-8, read as text',
    'import sys\nprint(ascii(sys.stdin.read()))\nsys.stdin.reconfigure(errors="strict")\nprint(sys.stdin.read())\n',
    { exitCode: 0, stdout: expect.stringContaining('udcff') },
    { stdin: '{"bad": "\xff"}' },
  ),
  hook(
    'stdin of 10 MiB',
    source`
      import hashlib, sys
      data = sys.stdin.buffer.read()
      print(len(data), hashlib.sha256(data).hexdigest())
    `,
    { exitCode: 0, stdout: expect.stringContaining(`${10 * MIB} `) },
    { stdin: { pieces: [{ data: '0123456789abcdef', repeat: (10 * MIB) / 16 }] } },
  ),
  hook(
    'stdin of 10 MiB, echoed while it comes',
    source`
      import shutil, sys
      shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)
    `,
    { exitCode: 0, stdout: expect.stringContaining(`${10 * MIB} bytes`) },
    { stdin: { pieces: [{ data: '0123456789abcdef', repeat: (10 * MIB) / 16 }] } },
  ),
  hook(
    'stdin of 10 MiB, never read',
    'print("not interested")\n',
    { exitCode: 0, stdout: 'not interested\n' },
    { stdin: { pieces: [{ data: 'x', repeat: 10 * MIB }] } },
  ),
  hook(
    'stdin never closed, one line read',
    'print(input())\n',
    { exitCode: 0, stdout: `${PAYLOAD}\n` },
    { stdin: { pieces: [{ data: `${PAYLOAD}\n` }], keepOpen: true } },
  ),
  hook(
    'stdin never closed, never read',
    'print("done")\n',
    { exitCode: 0, stdout: 'done\n' },
    { stdin: { pieces: [], keepOpen: true } },
  ),
  hook(
    'stdin in slow pieces',
    'import sys\nprint(sys.stdin.read())\n',
    { exitCode: 0, stdout: '{"a": [1, 2]} and more\n' },
    { stdin: { pieces: [{ data: '{"a": ' }, { data: '[1, 2]', afterMs: 120 }, { data: '} and more', afterMs: 80 }] } },
  ),
  hook('input() at the end of stdin', 'input("question? ")\n', { exitCode: 1, stdout: 'question? ' }),
  hook('stdout of 10 MiB', 'import sys\nfor number in range(10):\n    sys.stdout.write(str(number) * (1 << 20))\n', {
    exitCode: 0,
    stdout: expect.stringContaining(`${10 * MIB} bytes`),
  }),
  hook(
    'stdout and stderr of 1 MiB each, in turn',
    source`
      import sys
      for number in range(64):
          sys.stdout.write(str(number % 10) * 16384)
          sys.stderr.write(str(number % 7) * 16384)
    `,
    { exitCode: 0, stdout: expect.stringContaining(`${MIB} bytes`) },
  ),
  hook(
    'writes to /dev/stdout, /dev/stderr and /proc/self/fd/1',
    source`
      for name in '/dev/stdout', '/dev/stderr', '/proc/self/fd/1':
          with open(name, 'w') as file:
              print(name, file=file)
    `,
    { exitCode: 0, stdout: '/dev/stdout\n/proc/self/fd/1\n', stderr: '/dev/stderr\n' },
  ),
  hook(
    'stdout and stderr as one file keep their order',
    source`
      import os
      for number in range(200):
          os.write(1 + number % 2, b'%d\n' % number)
    `,
    { exitCode: 0, stdout: expect.stringMatching(/^0\n1\n2\n(?:.*\n)*198\n199\n$/) },
    { launch: { mergedOutput: true } },
  ),
  hook(
    'streams reconfigured and replaced',
    source`
      import io, sys
      sys.stdout.reconfigure(encoding='utf-16-le', newline='\r\n', line_buffering=True)
      print('wide')
      sys.stdout = io.TextIOWrapper(open(1, 'wb', closefd=False), encoding='latin-1')
      print('narrow é')
    `,
    { exitCode: 0, stdout: 'w\0i\0d\0e\0\r\0\n\0narrow \xe9\n' },
  ),
  hook(
    'character that the encoding lacks',
    'print("before")\nprint("\\u20ac")\n',
    { exitCode: 1 },
    {
      env: ['PYTHONIOENCODING=ascii'],
    },
  ),
  hook(
    'logging to stderr and to a file',
    source`
      import logging
      logging.warning('to stderr %s', 1)
      handler = logging.FileHandler('hook.log')
      handler.setFormatter(logging.Formatter('%(levelname)s %(name)s %(message)s %(module)s %(processName)s %(threadName)s'))
      logging.getLogger('own').addHandler(handler)
      logging.getLogger('own').error('to file')
    `,
    { exitCode: 0, stderr: expect.stringContaining('WARNING:root:to stderr 1') },
  ),
  hook(
    'byte code of a sibling is written',
    'import sibling\nprint(sibling.__cached__)\n',
    { exitCode: 0, files: expect.objectContaining({ __pycache__: expect.stringContaining('folder') }) },
    { files: { 'hook.py': 'import sibling\nprint(sibling.__cached__)\n', 'sibling.py': 'value = 1\n' } },
  ),
];
