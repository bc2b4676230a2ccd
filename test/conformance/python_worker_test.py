"""Runs every case directly and in a parked process, and compares stdout, stderr, status and the files left behind.

    python3 -m unittest test/conformance/python_worker_test.py     HS_TEST_PYTHONS=/path/a:/path/b to name interpreters
"""
import io
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "fixtures")]
import zygote_driver as driver  # noqa: E402
from python_worker_cases import COMMAND, ENDINGS, EXITS, MODULE, SCRIPT, Case  # noqa: E402
from python_worker_programs import FRAMES, IMPORTS, STATE, TRACEBACKS  # noqa: E402

PYTHONS = os.environ.get("HS_TEST_PYTHONS", shutil.which("python3", path="/usr/bin:/usr/local/bin:/bin") or "").split(":")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": os.path.expanduser("~")}
SIBLINGS = {
    "sibling.py": "import traceback\ntraceback.print_stack()\n", "broken.py": "def f(): return 1/0\nf()\n",
    "wrong.py": "def f(:\n", "sub/shlex.py": "shadow = True\n", "mod.py": "import sys\nprint(__name__, __spec__, sys.argv, sys.path[0])\n1/0\n",
    "pkg/__init__.py": "", "pkg/__main__.py": STATE, "pkg/part.py": "print(__package__, __name__)\nraise SystemExit(4)\n",
}


def archive():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as z:
        z.writestr("__main__.py", "import inner, sys\nprint(__file__, sys.argv, sys.path[0])\n1/0\n")
        z.writestr("inner.py", "print(__file__)\n")
    return b"#!/usr/bin/env python3\n" + data.getvalue()


CASES = [
    Case("state of a script", STATE, ["hook.py", "a", "", "b\udcffc", "\u00e9"], env={"HOOK_VAR": "x\udcff", "E\u00e9": "1", "EMPTY": ""}),
    Case("state of a command", arguments=[STATE, "a", "-b"], mode=COMMAND),
    Case("state of a module", STATE, ["hook", "a"], mode=MODULE),
    Case("state of a package folder", arguments=["pkg", "a"]),
    Case("state of an archive", arguments=["app.pyz", "a"], files={"app.pyz": archive()}),
    Case("package by -m", arguments=["pkg", "x"], mode=MODULE),
    Case("module in a package by -m", arguments=["pkg.part"], mode=MODULE),
    Case("module that raises by -m", arguments=["mod", "x"], mode=MODULE),
    Case("standard module by -m", arguments=["json.tool"], mode=MODULE, stdin=b'{"a": [1]}'),
    Case("module by -m that is not there", arguments=["nothing_here"], mode=MODULE),
    Case("interrupt of a module by -m", "raise KeyboardInterrupt", ["hook"], mode=MODULE),
    Case("archive with a traceback", arguments=["app.pyz"], files={"app.pyz": archive()}, flags=["-I"]),
    Case("script by ./", STATE, ["./hook.py"]), Case("script by a longer path", STATE, ["sub/../hook.py"]),
    Case("script by .//", STATE, [".//hook.py"]), Case("script by ../", STATE, ["sub/../sub/../hook.py"]),
    Case("script by absolute path", STATE, ["{cwd}/hook.py"]), Case("script by symlink", STATE, ["link.py"], files={"link.py": "->sub/real.py", "sub/real.py": STATE}),
    Case("script by symlink in a chain", STATE, ["l1.py"], files={"l1.py": "->sub/l2.py", "sub/l2.py": "->../hook.py"}),
    Case("imports, one after the other", IMPORTS), Case("imports under -S", IMPORTS, flags=["-S"]),
    Case("tracebacks", TRACEBACKS), Case("tracebacks into one pipe", TRACEBACKS, merged=True),
    Case("tracebacks of a command", arguments=[TRACEBACKS], mode=COMMAND), Case("frames", FRAMES),
    Case("frames of a command", arguments=[FRAMES], mode=COMMAND), Case("frames of a module", FRAMES, ["hook"], mode=MODULE),
    Case("frames of faulthandler", FRAMES, ["hook.py", "x"]),
    Case("no newline at the end", "print('x')\n1/0"), Case("byte order mark", b"\xef\xbb\xbfprint('\xc3\xa9')\n"),
    Case("windows line ends", b"print('a')\r\nif 1:\r\n  print('b')\r\n"), Case("empty script", ""),
    Case("coding cookie", b"# -*- coding: latin-1 -*-\nprint('\xe9')\n", declined=True),
    Case("syntax error", "def f(:\n", declined=True), Case("syntax warning", "x = 1\nif x is 1: print(x)\n", declined=True),
    Case("invalid bytes", b"print('\xe9')\n", declined=True), Case("NUL byte", b"print(1)\0\n", declined=True),
    Case("script that is not there", arguments=["absent.py"], declined=True),
    Case("script from stdin", arguments=["-"], stdin=b"print(1)\n", declined=True),
    Case("command with a syntax error", arguments=["def"], mode=COMMAND, declined=True),
    Case("sibling shadows a warm module", "import shlex, json, re\nprint(shlex.shadow, json.__file__, re.__file__)", files={"shlex.py": "shadow = 1\n"}),
    Case("sibling shadows what a warm module imports", "import json\nprint(json.loads('[1]'), json.decoder.re.fake)",
         files={"re.py": "fake = 1\nVERBOSE = MULTILINE = DOTALL = 0\nclass P:\n  def match(self, *a): return None\n  def __getattr__(self, n): return self\n  def __call__(self, *a): return self\ndef compile(*a): return P()\ndef __getattr__(n): return P()\n"}),
    Case("sibling folder shadows a warm module", "import json\nprint(json)", files={"json/__init__.py": ""}),
    Case("sibling named as an optional module", "import pathlib, json\nprint('x')", files={"nt.py": "print('nt imported')\n", "_winapi.py": "print('winapi imported')\n"}),
    Case("stdout closed by its reader", "import sys\nsys.stdin.read()\nfor n in range(3): sys.stdout.write('x' * 10)\n", close_stdout_after=0),
    Case("stdout closed by its reader, much", "import sys\nprint('x', flush=True); sys.stdin.read()\nsys.stdout.write('x' * 100000)\n", close_stdout_after=1),
    Case("stdout closed by its reader, SystemExit", "import sys\nprint('x', flush=True); sys.stdin.read()\nprint('y'); sys.exit(3)\n", close_stdout_after=1),
    Case("ignored signals", STATE, ignored_signals=1 << 1 | 1 << 14 | 1),
    Case("signals of libc ignored", "print(open('/proc/self/status').read().split('SigIgn:')[1].split()[0])",
         ignored_signals=1 << 31 | 1 << 32 | 1 << 40),
    Case("breakpoint off", "breakpoint()\nprint('x')", env={"PYTHONBREAKPOINT": "0"}),
    Case("PYTHONPATH", STATE + "\nimport extra", env={"PYTHONPATH": "/tmp/hs-python-path"}),
    Case("hash seed", "print(hash('x'), {'a', 'b', 'c'})", env={"PYTHONHASHSEED": "7"}),
    Case("unknown encoding of PYTHONIOENCODING", "print('\u00e9\u20ac')", env={"PYTHONIOENCODING": "latin-1:replace"}),
    Case("dev mode with an open file", "f = open('hook.py')\nimport sys\nprint(sys.flags)", flags=["-X", "dev"], since=(3, 11)),
]


def since_of(flags):
    """-P came with 3.11; before it, zygotes refuse -X dev."""
    return (3, 11) if flags in (["-P"], ["-X", "dev"]) else (3, 8)


for flags in (["-I"], ["-S"], ["-E"], ["-s"], ["-u"], ["-B"], ["-O"], ["-OO"], ["-W", "error"], ["-W", "default"],
              ["-X", "utf8"], ["-X", "dev"], ["-X", "faulthandler"], ["-b"], ["-I", "-S"], ["-P"], ["-q"], ["-X", "pycache_prefix=/tmp/hs-pycache"]):
    CASES.append(Case("state under " + " ".join(flags), STATE, flags=flags, since=since_of(flags)))
    CASES.append(Case("tracebacks under " + " ".join(flags), TRACEBACKS, flags=flags, since=since_of(flags)))
for env in ({"LC_ALL": "C"}, {"LC_ALL": "C.UTF-8"}, {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, {"LANG": "xx_YY"},
            {"LC_CTYPE": "nonsense"}, {"PYTHONUTF8": "1"}, {"PYTHONUNBUFFERED": "1"}, {"PYTHONDONTWRITEBYTECODE": "1"}, {"PYTHONWARNINGS": "error"},
            {"PYTHONNOUSERSITE": "1"}, {"PYTHONSAFEPATH": "1"}, {"PYTHONOPTIMIZE": "1"}, {"TZ": "Asia/Tokyo"}, {"HOME": "/nonexistent"}):
    label = " ".join("%s=%s" % pair for pair in env.items())
    CASES.append(Case("state under " + label, STATE, ["hook.py", "\u00e9\udcff"], env=env))
    CASES.append(Case("time zone and text under " + label, "import time, sys\nprint(time.tzname)\nprint('\u00e9')\nprint('\\udcff')", env=env))
CASES += [Case("exit: " + source.replace("\n", "; "), source) for source in EXITS]
CASES += [Case("exit of a command: " + source.replace("\n", "; "), arguments=[source], mode=COMMAND) for source in EXITS]
CASES += [Case(name, source, stdin=b"one\ntwo\r\nthree", env={"HOOK_VAR": "1"}) for name, source in ENDINGS]
CASES += [Case(name + ", one pipe", source, stdin=b"one\ntwo", merged=True) for name, source in ENDINGS[:12]]


class Runner:
    """The zygotes of one interpreter, one per set of flags and variables."""

    def __init__(self, python):
        self.python, self.zygotes = python, {}
        version = subprocess.check_output([python, "-c", "import sys; print(*sys.version_info[:2])"])
        self.version = tuple(map(int, version.split()))

    def zygote(self, flags, env):
        key = tuple(flags), tuple(sorted(env.items()))
        if key not in self.zygotes:
            self.zygotes[key] = driver.Zygote(self.python, flags, env)
        return self.zygotes[key]

    def stop(self):
        return [zygote.stop() for zygote in self.zygotes.values() if not zygote.refused]


def write_files(folder, case):
    for name, content in {**SIBLINGS, **case.files}.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(content, str) and content.startswith("->"):
            os.symlink(content[2:], path)
        else:
            with open(path, "wb") as file:
                file.write(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))


def files_left(folder):
    """Every file but compiled ones by name and content; compiled ones by name."""
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = None if name.endswith((".pyc", ".db", "-wal", "-shm")) else file.read()
    return found


class PythonWorker(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.runners = [Runner(python) for python in PYTHONS]

    @classmethod
    def tearDownClass(cls):
        for runner in cls.runners:
            for code, out, err in runner.stop():
                assert (code, out, err) == (0, b"", b""), (code, out, err)

    def run_in(self, folder, case, run):
        """run(cwd) in a folder that has the same name each time; the answer and what is left."""
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        write_files(folder, case)
        answer = run(folder)
        return answer, files_left(folder)

    def compare(self, runner, case):
        env = {**ENVIRONMENT, **case.env}
        key_env = {n: v for n, v in env.items() if n.startswith(("PYTHON", "LC_", "LANG", "TZ", "HOME", "PATH"))}
        mode_flag = {SCRIPT: [], COMMAND: ["-c"], MODULE: ["-m"]}[case.mode]
        with tempfile.TemporaryDirectory() as base:
            folder = base + "/case"
            argv = [runner.python, *case.flags, *mode_flag, *(a.replace("{cwd}", folder) for a in case.arguments)]
            before_exec = ignoring(case.ignored_signals) if case.ignored_signals else None
            expected = self.run_in(folder, case, lambda cwd: driver.run_directly(
                argv, env, case.stdin, cwd, case.merged, case.close_stdout_after, before_exec or no_core))
            zygote = runner.zygote(case.flags, key_env)
            self.assertIsNone(zygote.refused)
            order = driver.order_bytes(case.mode, argv, 1 + len(case.flags) + len(mode_flag), driver.environment(env),
                                       case.merged, case.ignored_signals)
            actual = self.run_in(folder, case, lambda cwd: zygote.park().run(
                order, case.stdin, cwd, case.close_stdout_after))
        self.assertEqual(actual[0].declined, case.declined, actual[0])
        if not case.declined:
            self.assertEqual(without_addresses(repr(actual[0])), without_addresses(repr(expected[0])))
            self.assertEqual(actual[0].status, expected[0].status)
            self.assertEqual(actual[1], expected[1])


class Refusals(unittest.TestCase):
    def test_what_cannot_be_served_exits_78_with_one_line(self):
        for flags, env in ((["-X", "tracemalloc"], {}), (["-X", "importtime"], {}), ([], {"PYTHONPATH": "relative"}),
                           ([], {"PYTHONVERBOSE": "1"}), (["-d"], {}), ([], {"HOME": "home"})):
            with self.subTest(flags=flags, env=env):
                code, text = driver.Zygote(PYTHONS[0], flags, {**ENVIRONMENT, **env}).refused
                self.assertEqual(code, 78, text)
                self.assertIn(b"python zygote: cannot serve this interpreter: ", text)


def without_addresses(text):
    return re.sub(r"0x[0-9a-f]{8,}", "0xADDRESS", text)


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def ignoring(mask):
    def before_exec():
        import ctypes, signal
        for number in range(1, 65):
            if not mask >> (number - 1) & 1:
                continue
            if number in (32, 33):  # libc keeps them for itself; its posix_spawn starts programs with both ignored
                ignore = (ctypes.c_ulong * 4)(signal.SIG_IGN)
                ctypes.CDLL(None).syscall({"x86_64": 13, "aarch64": 134}[os.uname().machine], number, ctypes.byref(ignore), None, 8)
            else:
                signal.signal(number, signal.SIG_IGN)
        no_core()
    return before_exec


def make_test(case):
    def test(self):
        for runner in self.runners:
            if case.since <= runner.version <= case.until:
                with self.subTest(python=runner.python):
                    self.compare(runner, case)
    test.__doc__ = case.name
    return test


for number, each in enumerate(CASES):
    setattr(PythonWorker, "test_%03d_%s" % (number, "".join(c if c.isalnum() else "_" for c in each.name)[:60]), make_test(each))

if __name__ == "__main__":
    unittest.main()
