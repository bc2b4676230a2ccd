"""Modules that a zygote may import ahead of its hooks do nothing that a hook could notice, or that would be stale in it."""
import importlib.util
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
WORKERS = os.path.join(HERE, "..", "..", "..", "workers", "python")
PYTHONS = os.environ.get("HS_TEST_PYTHONS", "/usr/bin/python3").split(":")

# Run as `python -c WATCH WORKERS NAME...`: imports what a zygote has, then the names under watch; prints what each did.
WATCH = r"""
import os, sys
folder, names = sys.argv[1], sys.argv[2:]
def load(part, parts={}):
    if part not in parts:
        parts[part] = type(sys)(part)
        parts[part].load = load
        with open(folder + "/" + part + ".py") as source:
            exec(compile(source.read(), part, "exec"), parts[part].__dict__)
    return parts[part]
for warm in load("modules").WARM:
    try:
        __import__(warm)
    except ImportError:
        pass
import atexit, builtins, codecs, copyreg, locale, logging, random, signal, socket, threading, time, warnings
done = []

def watched(place, attribute, what):
    real = getattr(place, attribute)
    def call(*arguments, **named):
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if caller != "__main__" and not caller.startswith(("importlib", "_frozen_importlib")):
            done.append(what + " by " + caller)
        return real(*arguments, **named)
    setattr(place, attribute, call)

for clock in ("time", "time_ns", "monotonic", "perf_counter", "process_time", "localtime", "gmtime", "sleep"):
    watched(time, clock, "time." + clock)
for call in ("urandom", "getcwd", "getpid", "getuid", "register_at_fork", "open", "stat", "listdir", "putenv", "getenv"):
    watched(os, call, "os." + call)
for place, call in (
    (atexit, "register"), (codecs, "register"), (codecs, "register_error"), (copyreg, "pickle"), (builtins, "open"),
    (locale, "setlocale"), (locale, "getlocale"), (locale, "localeconv"), (signal, "signal"), (random, "seed"), (random, "random"),
    (socket.socket, "__init__"), (socket, "gethostname"), (warnings, "filterwarnings"), (warnings, "simplefilter"), (warnings, "warn"),
    (logging, "getLogger"), (logging, "addLevelName"), (logging.Handler, "__init__"), (threading.Thread, "start"),
    (threading.Thread, "__init__"), (sys, "setrecursionlimit"), (type(os.environ), "__getitem__"), (type(os.environ), "get"),
):
    watched(place, call, place.__name__ + "." + call)
if hasattr(threading, "_register_atexit"):
    watched(threading, "_register_atexit", "threading._register_atexit")

class Arguments(list):
    def __getitem__(self, at):
        done.append("sys.argv")
        return list.__getitem__(self, at)
sys.argv = Arguments(sys.argv)

def state():
    return (list(warnings.filters), sorted(logging.root.manager.loggerDict), len(logging._handlerList), sys.getrecursionlimit(), vars(builtins).keys() - {"_"},
            list(sys.path), list(sys.meta_path), list(sys.path_hooks), sys.excepthook, atexit._ncallbacks(), threading.active_count(),
            {n: signal.getsignal(n) for n in range(1, 65)}, len(os.listdir("/proc/self/fd")), dict(copyreg.dispatch_table), sys.getswitchinterval())
for name in names:
    before = state()
    try:
        __import__(name)
    except ImportError:
        done.append("absent")
    if before != state():
        done.append("state of the interpreter")
    for what in sorted(set(done)):
        print(name + ": " + what)
    done.clear()
"""


def learnable():
    spec = importlib.util.spec_from_file_location("learnable", WORKERS + "/learnable.py")
    module = importlib.util.module_from_spec(spec)
    module.load = lambda name: None
    spec.loader.exec_module(module)
    return sorted({name for names in module.LEARNABLE.values() for name in names})


def watch(python, names):
    out = subprocess.run([python, "-c", WATCH, WORKERS, *names], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    return out.splitlines()


class Learnable(unittest.TestCase):
    def test_no_module_of_the_list_does_anything_but_import(self):
        for python in PYTHONS:
            with self.subTest(python=python):
                self.assertEqual([line for line in watch(python, learnable()) if not line.endswith(": absent")], [])

    def test_the_watch_sees_what_others_do(self):
        for name, what in (("asyncio", "logging.getLogger by asyncio.log"), ("concurrent.futures", "state of the interpreter"),
                           ("multiprocessing", "os.urandom by multiprocessing.process"), ("this_is_not_there", "absent")):
            with self.subTest(name=name):
                self.assertIn(what, "\n".join(watch(PYTHONS[0], [name])))


if __name__ == "__main__":
    unittest.main()
