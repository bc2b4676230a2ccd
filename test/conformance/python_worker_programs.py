"""The longer ones of the programs: each prints a whole side of the interpreter's state."""

STATE = """
import sys
print(list(sys.modules)); print(sys.path); print(sys.argv); print(sys.flags); print(getattr(sys, 'orig_argv', None))
print(sys.executable, sys.prefix, sys.warnoptions, sys._xoptions, sys.dont_write_bytecode, sys.getrecursionlimit())
main = sys.modules['__main__'].__dict__
print([(k, repr(v).split(' at 0x')[0]) for k, v in main.items() if k != 'main'])
print([(s, s.encoding, s.errors, s.line_buffering, s.write_through, s.mode, s.isatty(), s.name, s.newlines)
       for s in (sys.stdin, sys.stdout, sys.stderr)])
print([(type(s.buffer).__name__, s.buffer.name) for s in (sys.stdin, sys.stdout, sys.stderr)])
print(sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__)
import os
print(list(os.environ.items()), os.environ._data is sys.modules['posix'].environ)
print(os.listdir('/proc/self/fd'), os.getsid(0) == os.getpid(), os.getcwd(), oct(os.umask(0o77)))
print(open('/proc/self/status').read().split('Threads:')[1].split()[0])
import signal, threading, gc, atexit
print([(n, signal.getsignal(n)) for n in range(1, 32)], signal.pthread_sigmask(signal.SIG_BLOCK, []))
print(threading.main_thread().name, threading.active_count(), len(sys._current_frames()), gc.isenabled(), gc.get_threshold())
print(atexit._ncallbacks(), threading.current_thread() is threading.main_thread())
import resource
print([resource.getrlimit(n) for n in range(16) if n != resource.RLIMIT_CORE], os.nice(0))
"""
IMPORTS = """
import sys
for name in ('json', 're', 'pathlib', 'subprocess', 'logging', 'argparse', 'datetime', 'hashlib', 'typing', 'dataclasses',
             'tempfile', 'urllib.parse', 'uuid', 'random', 'asyncio', 'concurrent.futures', 'xml.etree.ElementTree',
             'unittest', 'http.client', 'sqlite3', 'multiprocessing', 'csv', 'zoneinfo', 'tomllib', 'ssl', 'email'):
    try:
        __import__(name)
    except ImportError as error:
        print(error)
    print(name, list(sys.modules))
print(sorted((m, k) for m, v in sys.modules.items() for k in sorted(vars(v)) if m + '.' + k in sys.modules))
"""
TRACEBACKS = """
import sys
def inner(n):
    if n: return inner(n - 1)
    return {}['missing']
def outer():
    try:
        inner(3)
    except KeyError as error:
        raise ValueError('chained \\u00e9') from error
class Odd(Exception):
    def __str__(self): return 'odd'
try:
    outer()
except ValueError:
    try:
        raise Odd
    except Odd as e:
        print('before'); print(e, file=sys.stderr)
        raise RuntimeError('third')
"""
FRAMES = """
import traceback, inspect, sys, warnings, faulthandler
traceback.print_stack()
print([(f.function, f.lineno, f.filename) for f in inspect.stack()])
warnings.warn('one', stacklevel=1); warnings.warn('two', stacklevel=2); warnings.warn('nine', UserWarning, stacklevel=9)
try: sys._getframe(1)
except ValueError as e: print(e)
def depth(n):
    try: return depth(n + 1)
    except RecursionError: return n
print(depth(0), sys._getframe().f_back)
faulthandler.dump_traceback(all_threads=True) if 'x' in sys.argv else None
import sibling
"""
