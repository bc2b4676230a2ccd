"""Small programs whose answer must be the same directly and from a parked process. Each says what it is about; files are
written into a fresh folder, which is the cwd unless said otherwise."""

SCRIPT, COMMAND, MODULE = 1, 2, 3


class Case:
    def __init__(self, name, source=None, arguments=None, mode=SCRIPT, files=None, flags=(), env=None, stdin=b"", merged=False,
                 declined=False, since=(3, 8), until=(3, 99), close_stdout_after=None, ignored_signals=0, same=True):
        self.name, self.mode, self.flags, self.env, self.stdin = name, mode, list(flags), dict(env or {}), stdin
        self.files = dict(files or {})
        if source is not None:
            self.files["hook.py"] = source
        self.arguments = arguments or ["hook.py"]
        self.merged, self.declined, self.since, self.until = merged, declined, since, until
        self.close_stdout_after, self.ignored_signals, self.same = close_stdout_after, ignored_signals, same


EXITS = [
    "import sys; sys.exit()", "import sys; sys.exit(0)", "import sys; sys.exit(3)", "import sys; sys.exit(300)",
    "import sys; sys.exit(-1)", "import sys; sys.exit('text \\u00e9')", "import sys; sys.exit(None)", "raise SystemExit",
    "import sys; sys.exit((1, 2))", "import sys; sys.exit(True)", "import sys; sys.exit(2**70)", "raise SystemExit(1.5)",
    "import sys\ntry:\n  1/0\nfinally:\n  sys.exit(4)", "import os; print('x'); os._exit(5)", "exit(7)", "quit('q')",
    "raise KeyboardInterrupt", "import sys; sys.stdout.write('no newline'); sys.exit(2)",
    "import sys\nclass E(SystemExit): code = 9\nraise E", "class B(BaseException): pass\nraise B('b')",
]
ENDINGS = [
    ('atexit handlers run in reverse with their exceptions',
     'import atexit, sys\n'
     '@atexit.register\n'
     "def first(): print('first', '__file__' in globals())\n"
     '@atexit.register\n'
     'def second(): 1/0\n'
     '@atexit.register\n'
     "def third(): print('third', file=sys.stderr)\n"
     "print('main')"),
    ('atexit after an exception and after SystemExit',
     'import atexit\n'
     "atexit.register(lambda: print('bye', '__file__' in globals()))\n"
     'raise SystemExit(3)'),
    ('__del__ of a module-level object runs',
     'class D:\n'
     "  def __del__(self): print('deleted', __name__)\n"
     'd = D()\n'
     "print('end')"),
    ('__del__ of an object in a cycle runs',
     'class D:\n'
     "  def __del__(self): print('deleted')\n"
     'd = D(); d.d = d\n'
     'del d'),
    ('__del__ of an untracked object runs',
     'class D:\n'
     '  __slots__ = ()\n'
     "  def __del__(self): print('deleted')\n"
     'd = D()'),
    ('__del__ of an object held by a traceback',
     'class D:\n'
     "  def __del__(self): print('deleted')\n"
     'def f():\n'
     '  d = D(); 1/0\n'
     'f()'),
    ('a file left open is flushed',
     "f = open('out.txt', 'w'); f.write('text' * 3)\n"
     'import atexit'),
    ('a binary file left open is flushed',
     "f = open('out.txt', 'wb'); f.write(b'text' * 3)\n"
     "g = open('out2.txt', 'a+'); g.write('x')"),
    ('a file object held in a cycle is flushed',
     "f = open('out.txt', 'w'); f.write('x'); l = [f]; l.append(l); del f, l"),
    ('a zip left open is completed',
     'import zipfile\n'
     "z = zipfile.ZipFile('out.zip', 'w')\n"
     "z.writestr(zipfile.ZipInfo('a'), 'b')"),
    ('a suspended generator runs its finally',
     'def g():\n'
     '  try: yield 1\n'
     "  finally: print('closed')\n"
     'x = g(); next(x)'),
    ('a coroutine never awaited warns',
     'async def c(): pass\n'
     'x = c()'),
    ('weakref callback and finalize',
     'import weakref\n'
     'class A: pass\n'
     'a = A()\n'
     "r = weakref.ref(a, lambda r: print('gone'))\n"
     "weakref.finalize(a, print, 'final')"),
    ('non-daemon threads are waited for',
     'import threading, time\n'
     'def f():\n'
     "  time.sleep(0.05); print('thread')\n"
     "threading.Thread(target=f).start(); print('main')"),
    ('daemon threads are not',
     'import threading, time\n'
     "threading.Thread(target=time.sleep, args=(9,), daemon=True).start(); print('main')"),
    ("a thread's exception",
     'import threading\n'
     'def f(): 1/0\n'
     "t = threading.Thread(target=f, name='T'); t.start(); t.join()"),
    ('excepthook replaced',
     'import sys\n'
     "sys.excepthook = lambda *a: print('hook', a[0])\n"
     '1/0'),
    ('excepthook that fails',
     'import sys\n'
     "def hook(*a): raise TypeError('in hook')\n"
     'sys.excepthook = hook\n'
     '1/0'),
    ('stdout replaced by a wrapper',
     'import sys, io\n'
     "sys.stdout = io.TextIOWrapper(sys.stdout.buffer, 'utf-16')\n"
     "print('x')"),
    ('stdout replaced by a StringIO',
     'import sys, io\n'
     "print('a'); sys.stdout = io.StringIO()\n"
     "print('x')"),
    ('stdout closed by the hook',
     'import sys\n'
     "print('a'); sys.stdout.close()\n"
     "print('b')"),
    ("stdout's descriptor closed by the hook",
     'import os\n'
     "print('a'); os.close(1)"),
    ('stderr None',
     'import sys\n'
     'sys.stderr = None\n'
     '1/0'),
    ('stdout None',
     'import sys\n'
     'sys.stdout = None\n'
     'print(1)'),
    ('reconfigure',
     'import sys\n'
     "sys.stdout.reconfigure(encoding='latin-1', errors='replace', line_buffering=True)\n"
     "print('\\u00e9\\u20ac')"),
    ('logging shuts down',
     'import logging, sys\n'
     "logging.basicConfig(stream=sys.stdout, format='%(levelname)s %(message)s')\n"
     "logging.warning('w')\n"
     "h = logging.FileHandler('out.log'); logging.getLogger().addHandler(h); logging.error('e')\n"
     "r = logging.LogRecord('n', 1, 'p', 1, 'm', (), None); print(r.relativeCreated < 60000)"),
    ("a logging handler of the hook's own",
     'import logging\n'
     'class H(logging.Handler):\n'
     "  def emit(self, r): print('emit')\n"
     "  def close(self): print('close'); super().close()\n"
     "logging.getLogger().addHandler(H()); logging.error('e')"),
    ('TemporaryDirectory is removed',
     'import tempfile, os\n'
     "d = tempfile.TemporaryDirectory(dir='.')\n"
     "f = tempfile.NamedTemporaryFile(dir='.')\n"
     "print(sorted(os.listdir('.'))[:0])"),
    ('asyncio',
     'import asyncio\n'
     'async def f():\n'
     '  await asyncio.sleep(0)\n'
     "  p = await asyncio.create_subprocess_exec('echo', 'hi', stdout=-1)\n"
     '  print((await p.communicate())[0])\n'
     'asyncio.run(f())'),
    # Where a collection falls depends on what was imported, and the words on whether one has found the task before the end.
    ('asyncio task left pending',
     'import asyncio, gc\n'
     'gc.disable()\n'
     'async def f():\n'
     '  asyncio.ensure_future(asyncio.sleep(9))\n'
     'asyncio.get_event_loop_policy().new_event_loop().run_until_complete(f())'),
    ('thread pool',
     'import concurrent.futures as c\n'
     'with c.ThreadPoolExecutor(2) as e: print(list(e.map(abs, [-1, 2])))\n'
     "e = c.ThreadPoolExecutor(); e.submit(print, 'late')"),
    ('process pool',
     'import concurrent.futures as c\n'
     "if __name__ == '__main__':\n"
     '  with c.ProcessPoolExecutor(1) as e: print(list(e.map(abs, [-1, 2])))'),
    ('multiprocessing fork',
     'import multiprocessing as m\n'
     "if __name__ == '__main__':\n"
     "  c = m.get_context('fork'); q = c.Queue(); p = c.Process(target=q.put, args=(5,)); p.start(); print(q.get()); p.join(); print(p.exitcode)"),
    ('multiprocessing spawn',
     'import multiprocessing as m\n'
     "if __name__ == '__main__':\n"
     "  c = m.get_context('spawn'); p = c.Process(target=print, args=('spawned',)); p.start(); p.join(); print(p.exitcode)"),
    ('subprocess',
     'import subprocess\n'
     "print(subprocess.run(['sh', '-c', 'echo $X; exit 3'], capture_output=True, env={'X': 'y'}))\n"
     "subprocess.Popen(['true'])"),
    ('subprocess inherits the environment',
     'import subprocess, os\n'
     "os.environ['ADDED'] = 'yes'; os.environ.pop('HOOK_VAR', 0)\n"
     "print(subprocess.check_output(['env']).decode())\n"
     "os.system('echo $ADDED')"),
    ('fork in the hook',
     'import os, sys\n'
     "print('before', flush=True)\n"
     'pid = os.fork()\n'
     "if pid: print(os.waitpid(pid, 0)[1], 'parent')\n"
     "else: print('child'); sys.exit(4)"),
    ('exec in the hook',
     'import os\n'
     "os.execvp('sh', ['sh', '-c', 'echo $HOOK_VAR; ulimit -n; umask'])"),
    ('dies of a signal',
     'import os, signal\n'
     "print('x', flush=True)\n"
     'os.kill(os.getpid(), signal.SIGTERM)'),
    ('interrupted by SIGINT',
     'import os, signal, time\n'
     "print('lost?')\n"
     'os.kill(os.getpid(), signal.SIGINT); time.sleep(1)'),
    ('SIGINT handled',
     'import os, signal\n'
     "signal.signal(signal.SIGINT, lambda *a: print('int', a[0]))\n"
     "os.kill(os.getpid(), signal.SIGINT); print('on')"),
    ('SIGPIPE is ignored by Python',
     'import os\n'
     'r, w = os.pipe(); os.close(r)\n'
     "os.write(w, b'x')"),
    ('abort',
     'import os\n'
     'os.abort()'),
    ('ctypes callback and C stdio',
     'import ctypes\n'
     'c = ctypes.CDLL(None)\n'
     "c.printf(b'from C\\n'); cb = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda x: x + 1); print(cb(2))"),
    ('recursion without end',
     'def f(n): return f(n + 1)\n'
     'f(0)'),
    ('deep recursion with a raised limit',
     'import sys\n'
     'sys.setrecursionlimit(9000)\n'
     'def f(n): return n and f(n - 1)\n'
     'print(f(8000))'),
    ('a module of the hook that fails to import', 'import broken'),
    ('a module of the hook with a syntax error', 'import wrong'),
    ('import that is not there', 'import json.nothing'),
    ('warnings for everything',
     'import warnings\n'
     "warnings.simplefilter('always')\n"
     "open('hook.py')\n"
     "f = open('hook.py')\n"
     "warnings.warn('d', DeprecationWarning)"),
    ('sqlite left open',
     'import sqlite3\n'
     "c = sqlite3.connect('out.db')\n"
     "c.execute('pragma journal_mode=wal'); c.execute('create table t (a)'); c.commit()\n"
     "import os; print(sorted(os.listdir('.')))"),
    ('unraisable error',
     'class D:\n'
     "  def __del__(self): raise ValueError('in del')\n"
     'D()\n'
     "print('on')"),
    ('pending KeyboardInterrupt in atexit',
     'import atexit\n'
     '@atexit.register\n'
     'def f(): raise KeyboardInterrupt'),
    ('sys.exit in atexit',
     'import atexit, sys\n'
     'atexit.register(sys.exit, 5)'),
    ('thread started in atexit',
     'import atexit, threading\n'
     "atexit.register(lambda: threading.Thread(target=print, args=('t',)).start())"),
    ('main replaced',
     'import sys\n'
     "sys.modules['__main__'] = None\n"
     "print('x')"),
    ('sys.modules cleared of os',
     'import sys\n'
     "del sys.modules['os']\n"
     'import json, os, pathlib\n'
     'print(pathlib.os is os)'),
    ('import halted by None',
     'import sys\n'
     "sys.modules['json'] = None\n"
     'import json'),
    ('a warm module deleted and imported anew',
     'import json, sys\n'
     "old = json; del sys.modules['json']\n"
     'import json, shlex\n'
     "print(old is json, old.decoder is json.decoder, 'shlex' in sys.modules)"),
    ('part of a warm module deleted and not asked for again',
     'import json, sys\n'
     "del sys.modules['re']\n"
     'import json.tool\n'
     "print('re' in sys.modules)"),
    ('the main thread knows its number',
     'import threading\n'
     'print(threading.main_thread().native_id == threading.get_native_id(), threading.main_thread().ident == threading.get_ident())'),
    ('the finder of the script',
     'import sys\n'
     "print(sys.path_importer_cache.get(__file__, 'absent'))"),
    ('a script that holds the mark of an archive',
     'import sys\n'
     "print('PK\5\6', sys.path_importer_cache.get(__file__, 'absent'))"),
    ("a finder of the hook's own",
     'import sys\n'
     'class F:\n'
     "  def find_spec(self, name, path=None, target=None): print('asked', name)\n"
     'sys.meta_path.insert(0, F())\n'
     'import json'),
    ('sys.path changed before importing',
     'import sys\n'
     "sys.path.insert(0, 'sub')\n"
     'import shlex, json\n'
     'print(shlex.__file__.startswith(sys.prefix), json.__file__.startswith(sys.prefix))'),
    ('package attribute appears only by import',
     'import importlib, concurrent, urllib\n'
     "print(hasattr(concurrent, 'futures'), hasattr(urllib, 'parse'), hasattr(importlib, 'util'))\n"
     'import urllib.parse\n'
     "print(hasattr(urllib, 'parse'))"),
    ('reload and spec of a warm module',
     'import importlib, importlib.util, json\n'
     "print(importlib.util.find_spec('shlex').name, importlib.reload(json).__name__, importlib.util.find_spec('json').origin == json.__file__)"),
    ('input()',
     "print(input('prompt> '))\n"
     'print(input())\n'
     'try: input()\n'
     "except EOFError as e: print('eof', e)"),
    ('stdin as bytes',
     'import sys\n'
     'print(sys.stdin.buffer.read())'),
    ('stdin by lines, newlines',
     'import sys\n'
     'for l in sys.stdin: print(repr(l))'),
    ('home and user',
     'import getpass, pwd, os, pathlib\n'
     "print(os.path.expanduser('~'), pathlib.Path.home(), pwd.getpwuid(os.getuid()).pw_name)"),
    ('time zone',
     'import time, datetime\n'
     'print(time.tzname, datetime.datetime.fromtimestamp(0))'),
    ('pickle of a class in main',
     'import pickle\n'
     'class A: pass\n'
     'print(pickle.loads(pickle.dumps(A())).__class__)'),
    ('compile warning at run time',
     'exec(compile(\'x = "\\\\d"\', \'made.py\', \'exec\'))\n'
     'print(x)'),
    ('faulthandler',
     'import faulthandler, sys\n'
     'print(faulthandler.is_enabled())\n'
     'faulthandler.dump_traceback(file=sys.stderr)'),
    ('proc names',
     "print(open('/proc/self/comm').read())\n"
     'import sys\n'
     "print(sys.stdin.fileno(), open('hook.py').fileno())"),
    ('recompiled siblings leave __pycache__ alike',
     'import sibling, os\n'
     "print(sorted(os.listdir('.')), os.listdir('__pycache__') if os.path.isdir('__pycache__') else None)"),
]
