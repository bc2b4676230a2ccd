/** Exceptions, tracebacks and exit statuses of Python hooks. */
import { expect } from 'vitest';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';

function hook(name: string, text: string, shows: HookCase['shows'], more: Partial<HookCase> = {}): HookCase {
  return { name, command: ['python3', 'hook.py'], ...more, files: { 'hook.py': text, ...more.files }, shows };
}

export const pythonErrors: HookCase[] = [
  hook(
    'traceback through functions, with a cause',
    source`
      def inner(value):
          return {}[value]

      def outer():
          try:
              inner('key')
          except KeyError as error:
              raise ValueError('no such key: é') from error

      print('before')
      outer()
    `,
    { exitCode: 1, stdout: 'before\n', stderr: expect.stringContaining('direct cause') },
  ),
  hook(
    'traceback through an imported module, with notes of line and file',
    'import sibling\n\nsibling.fail(\n    1,\n)\n',
    { exitCode: 1, stderr: expect.stringContaining('sibling.py", line 2, in fail') },
    { files: { 'sibling.py': 'def fail(value):\n    raise RuntimeError(value)\n' } },
  ),
  hook(
    'syntax error in an imported module',
    'import broken\n',
    { exitCode: 1 },
    { files: { 'broken.py': 'x = = 1\n' } },
  ),
  hook('module that does not exist', 'import no_such_module_here\n', {
    exitCode: 1,
    stderr: expect.stringContaining('ModuleNotFoundError'),
  }),
  hook('import that names what a module does not have', 'from json import lods\n', { exitCode: 1 }),
  hook('name error with a suggestion', 'total = 1\nprint(totl)\n', { exitCode: 1 }),
  hook(
    'recursion without end',
    source`
      def deeper(depth):
          try:
              deeper(depth + 1)
          except RecursionError:
              if depth == 1:
                  print('caught')
              raise

      deeper(1)
    `,
    { exitCode: 1, stdout: 'caught\n', stderr: expect.stringContaining('RecursionError') },
  ),
  hook(
    'recursion reaches the same depth',
    source`
      def depth_of(depth):
          global deepest
          deepest = depth
          depth_of(depth + 1)

      try:
          depth_of(1)
      except RecursionError:
          print(deepest)
    `,
    { exitCode: 0 },
  ),
  hook(
    'stack as the hook sees it',
    source`
      import inspect, sys, traceback, warnings

      def look():
          traceback.print_stack()
          print([(frame.filename, frame.function) for frame in inspect.stack()])
          print(sys._getframe(1).f_back)
          warnings.warn('here')
          warnings.warn('one above', stacklevel=2)
          warnings.warn('beyond the top', stacklevel=9)

      look()
    `,
    { exitCode: 0, stdout: expect.stringContaining('None'), stderr: expect.stringContaining('beyond the top') },
  ),
  hook('sys.exit with a text', 'import sys\nprint("out")\nsys.exit("refused")\n', { exitCode: 1, stdout: 'out\n' }),
  hook('sys.exit with 2, as blocking hooks do', 'import sys\nprint("no", file=sys.stderr)\nsys.exit(2)\n', {
    exitCode: 2,
    stderr: 'no\n',
  }),
  hook('sys.exit below 0', 'raise SystemExit(-1)\n', { exitCode: 255 }),
  hook('sys.exit with an object', 'raise SystemExit((1, "two"))\n', { exitCode: 1, stderr: "(1, 'two')\n" }),
  hook(
    'sys.exit in finally wins over the exception',
    source`
      import sys
      try:
          1 / 0
      finally:
          sys.exit(7)
    `,
    { exitCode: 7, stderr: '' },
  ),
];
