/** Python hooks with threads, children and event loops. */
import { expect } from 'vitest';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';

function hook(name: string, text: string, shows: HookCase['shows'], more: Partial<HookCase> = {}): HookCase {
  return { name, command: ['python3', 'hook.py'], files: { 'hook.py': text }, ...more, shows };
}

export const pythonProcesses: HookCase[] = [
  hook(
    'threads: one waited for, a daemon that is not, one that fails',
    source`
      import threading, time

      def work():
          threading.main_thread().join()
          print('worked', threading.current_thread().name, threading.main_thread().name)

      threading.Thread(target=work, name='patient').start()
      threading.Thread(target=lambda: (time.sleep(30), print('never')), daemon=True).start()
      failing = threading.Thread(target=lambda: 1 / 0, name='failing')
      failing.start()
      failing.join()
      print(threading.current_thread() is threading.main_thread(), threading.active_count())
    `,
    {
      exitCode: 0,
      stdout: expect.stringContaining('worked patient MainThread'),
      stderr: expect.stringContaining('failing'),
    },
  ),
  hook(
    'thread that outlives an exception of the main thread',
    source`
      import threading, time
      threading.Thread(target=lambda: (time.sleep(0.05), print('after the traceback'))).start()
      raise ValueError('main')
    `,
    { exitCode: 1, stdout: 'after the traceback\n' },
  ),
  hook(
    'subprocess: output, input, status, a missing program',
    source`
      import subprocess, sys
      print(subprocess.run(['cat'], input=b'given', stdout=subprocess.PIPE).stdout)
      print(subprocess.run([sys.executable, '-c', 'import sys; sys.exit(3)']).returncode)
      print(subprocess.getoutput('echo $((1 + 1))'))
      sys.stdout.flush()
      subprocess.run(['sh', '-c', 'echo inherited; echo err >&2'])
      subprocess.run(['no-such-program'])
    `,
    { exitCode: 1, stdout: expect.stringContaining("b'given'\n3\n2\ninherited\n") },
  ),
  hook(
    'subprocess left behind as a zombie',
    source`
      import subprocess
      child = subprocess.Popen(['true'])
      print('not waited for')
    `,
    { exitCode: 0, stdout: 'not waited for\n' },
  ),
  hook(
    'multiprocessing: pool by fork, process by spawn',
    source`
      import multiprocessing, os

      def square(number):
          return number * number

      def report(queue):
          queue.put((__name__, multiprocessing.current_process().name))

      if __name__ == '__main__':
          with multiprocessing.get_context('fork').Pool(2) as pool:
              print(pool.map(square, range(5)))
          context = multiprocessing.get_context('spawn')
          queue = context.Queue()
          process = context.Process(target=report, args=(queue,), name='spawned')
          process.start()
          print(queue.get())
          process.join()
          print(process.exitcode)
    `,
    { exitCode: 0, stdout: "[0, 1, 4, 9, 16]\n('__mp_main__', 'spawned')\n0\n" },
  ),
  hook(
    'concurrent.futures',
    source`
      from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

      with ThreadPoolExecutor(3) as threads:
          print(list(threads.map(str.upper, 'abc')))
      with ProcessPoolExecutor(1) as processes:
          print(processes.submit(pow, 2, 10).result())
    `,
    { exitCode: 0, stdout: "['A', 'B', 'C']\n1024\n" },
  ),
  hook(
    'asyncio: tasks, a subprocess, a signal',
    source`
      import asyncio, os, signal

      async def main():
          stopped = asyncio.Event()
          asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, stopped.set)
          print(await asyncio.gather(asyncio.sleep(0.01, 'a'), asyncio.sleep(0, 'b')))
          child = await asyncio.create_subprocess_exec('echo', 'child', stdout=asyncio.subprocess.PIPE)
          print((await child.communicate())[0], child.returncode)
          os.kill(os.getpid(), signal.SIGUSR1)
          await asyncio.wait_for(stopped.wait(), 5)
          print('stopped')

      asyncio.run(main())
    `,
    { exitCode: 0, stdout: "['a', 'b']\nb'child\\n' 0\nstopped\n", stderr: '' },
  ),
  hook(
    'os.fork: both flush what was buffered',
    source`
      import os
      print('buffered twice')
      pid = os.fork()
      if pid:
          os.waitpid(pid, 0)
      print('parent' if pid else 'child')
    `,
    { exitCode: 0, stdout: 'buffered twice\nchild\nbuffered twice\nparent\n' },
  ),
  hook(
    'background child that holds stdout for a while',
    source`
      import subprocess
      subprocess.Popen(['sh', '-c', 'sleep 0.2; echo late'])
      print('early')
    `,
    { exitCode: 0, stdout: 'early\nlate\n' },
  ),
  hook(
    'lingering child that writes a file after the answer',
    source`
      import subprocess
      subprocess.Popen(['sh', '-c', 'sleep 0.3; echo late > part; mv part late'], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
      print('answer')
    `,
    { exitCode: 0, stdout: 'answer\n', files: expect.objectContaining({ late: expect.stringContaining('late') }) },
    { awaitFile: 'late' },
  ),
  hook(
    'nothing of an earlier call is seen',
    source`
      import builtins, json, os, random, sys
      print(hasattr(builtins, 'mark'), hasattr(json, 'mark'), 'MARK' in os.environ, 'mark' in sys.modules)
      print(os.umask(0o777), sys.getrecursionlimit(), os.path.exists('mark'), len(sys.argv))
      builtins.mark = json.mark = sys.modules['mark'] = os
      os.environ['MARK'] = '1'
      sys.setrecursionlimit(500)
      json.loads = None
      os.chdir('/')
      open('/dev/null')
    `,
    { exitCode: 0, stdout: 'False False False False\n18 1000 False 1\n' },
  ),
  hook(
    'random numbers: seeded alike, else never alike',
    source`
      import random, uuid, tempfile, os
      random.seed(1)
      print(random.random())
      random.seed()
      with open(os.path.expanduser('~/random'), 'a+') as seen:
          seen.seek(0)
          mine = f'{random.random()} {uuid.uuid4()} {next(tempfile._get_candidate_names())} {os.urandom(4).hex()}'.split()
          print(bool(set(mine) & set(seen.read().split())))
          print(*mine, file=seen)
    `,
    { exitCode: 0, stdout: expect.stringContaining('False') },
  ),
];
