/** What a Python hook does after its last line, and how it dies. */
import { expect } from 'vitest';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';

const SIGINT = 2;
const SIGSEGV = 11;
const SIGTERM = 15;

function hook(name: string, text: string, shows: HookCase['shows'], more: Partial<HookCase> = {}): HookCase {
  return { name, command: ['python3', 'hook.py'], ...more, files: { 'hook.py': text, ...more.files }, shows };
}

export const pythonEnd: HookCase[] = [
  hook(
    'atexit callbacks: order, an exception in one, output in all',
    source`
      import atexit, operator, sys
      atexit.register(print, 'registered first')
      atexit.register(operator.truediv, 1, 0)
      atexit.register(lambda: (print('registered last'), sys.stderr.write('on stderr\n')))
      print('main ends', end='')
      sys.exit(4)
    `,
    { exitCode: 4, stdout: 'main endsregistered last\nregistered first\n' },
  ),
  hook(
    'sys.exit in an atexit callback',
    source`
      import atexit, sys
      atexit.register(sys.exit, 9)
      print('done')
    `,
    { stdout: 'done\n' },
  ),
  hook(
    '__del__ at exit: globals, cycles, a module of its own',
    source`
      import near

      class Last:
          def __init__(self, name):
              self.name = name

          def __del__(self):
              print('gone', self.name)

      kept = Last('global')
      cycle = Last('cycle')
      cycle.itself = cycle
      near.kept = Last('module')
      print('end of main')
    `,
    { exitCode: 0, stdout: expect.stringContaining('gone global') },
    { files: { 'near.py': 'kept = None\n' } },
  ),
  hook(
    'weakref callback and finalizer at exit',
    source`
      import weakref

      class Thing:
          pass

      thing = Thing()
      weakref.finalize(thing, print, 'finalized')
      watcher = weakref.ref(thing, lambda _: print('weakly gone'))
      print('end of main')
    `,
    { exitCode: 0, stdout: expect.stringContaining('finalized') },
  ),
  hook(
    'file left open with unflushed text',
    source`
      left = open('left.txt', 'w')
      left.write('never flushed by the hook\n')
      appended = open('log.bin', 'ab', buffering=65536)
      appended.write(b'\x00\xff')
      print('end')
    `,
    { exitCode: 0, stdout: 'end\n' },
  ),
  hook(
    "suspended generator's finally",
    source`
      def numbers():
          try:
              yield 1
              yield 2
          finally:
              print('closed')

      suspended = numbers()
      print(next(suspended))
    `,
    { exitCode: 0, stdout: '1\nclosed\n' },
  ),
  hook(
    'coroutine never awaited',
    source`
      async def work():
          pass

      forgotten = work()
    `,
    { exitCode: 0, stderr: expect.stringContaining('never awaited') },
  ),
  hook(
    'stdout closed by its reader: exit 120',
    source`
      import os
      block = b'x' * 65536
      try:
          while True:
              os.write(1, block)
      except BrokenPipeError:
          print('this cannot be flushed')
    `,
    { exitCode: 120, stdout: 'x'.repeat(1000), stderr: expect.stringContaining('BrokenPipeError') },
    { launch: { closeStdoutAfterBytes: 1000 } },
  ),
  hook(
    'stdout closed by its reader: an exception of the hook',
    source`
      import os
      while True:
          os.write(1, b'x' * 1000)
    `,
    { exitCode: 1, stderr: expect.stringContaining('BrokenPipeError') },
    { launch: { closeStdoutAfterBytes: 1000 } },
  ),
  hook('stdout closed by the hook', 'import sys\nsys.stdout.close()\nprint("lost")\n', { exitCode: 1, stdout: '' }),
  hook('descriptor 1 closed by the hook', 'import os\nprint("lost")\nos.close(1)\n', { stdout: '' }),
  hook('os._exit drops what is buffered', 'import os\nprint("lost")\nos._exit(3)\n', { exitCode: 3, stdout: '' }),
  hook(
    'os.execv of something else',
    'import os\nprint("seen", flush=True)\nos.execv("/bin/echo", ["echo", "next"])\n',
    {
      exitCode: 0,
      stdout: 'seen\nnext\n',
    },
  ),
  hook('KeyboardInterrupt nobody caught', 'raise KeyboardInterrupt\n', {
    diesOf: SIGINT,
    stderr: expect.stringContaining('KeyboardInterrupt'),
  }),
  hook('SIGINT sent to itself', 'import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(5)\n', {
    diesOf: SIGINT,
    stderr: expect.stringContaining('KeyboardInterrupt'),
  }),
  hook('SIGTERM sent to itself', 'import os, signal\nprint("lost")\nos.kill(os.getpid(), signal.SIGTERM)\n', {
    diesOf: SIGTERM,
    stdout: '',
  }),
  hook('segmentation fault', 'import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n', { diesOf: SIGSEGV }),
  hook(
    'stack as faulthandler sees it',
    source`
      import faulthandler, re, tempfile

      def deep():
          with tempfile.TemporaryFile('w+') as dump:
              faulthandler.dump_traceback(dump)
              dump.seek(0)
              print(re.sub('0x[0-9a-f]+', '0x', dump.read()))

      deep()
    `,
    { exitCode: 0, stdout: expect.stringContaining('in deep') },
  ),
  hook(
    'signal handler and alarm',
    source`
      import signal, sys
      def rung(number, frame):
          print('rung', number, frame.f_code.co_name)
          sys.exit(5)
      signal.signal(signal.SIGALRM, rung)
      signal.setitimer(signal.ITIMER_REAL, 0.02)
      signal.pause()
    `,
    { exitCode: 5, stdout: 'rung 14 <module>\n' },
  ),
  hook(
    'excepthook and unraisablehook of its own',
    source`
      import sys

      class Bad:
          def __del__(self):
              raise OSError('in __del__')

      sys.unraisablehook = lambda unraisable: print('unraisable', unraisable.exc_value)
      sys.excepthook = lambda kind, value, trace: print('hooked', kind.__name__, value)
      left = Bad()
      Bad()
      raise LookupError('last')
    `,
    { exitCode: 1, stdout: expect.stringContaining('hooked LookupError last') },
  ),
  hook(
    'exception group',
    source`
      raise ExceptionGroup('several', [ValueError(1), TypeError('two')])
    `,
    { exitCode: 1 },
  ),
];
