"""What a zygote has learned changes nothing that a hook shows: every program again, its code and its modules learned, and the
ways in which a script can differ from the one that was learned.

    python3 test/conformance/python_learned_test.py     HS_TEST_PYTHONS=/path/a:/path/b to name interpreters
"""
import importlib.util
import os
import shutil
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "fixtures")]
import python_worker_test as worker  # noqa: E402
import zygote_driver as driver  # noqa: E402
from python_worker_cases import SCRIPT  # noqa: E402
from python_worker_programs import FRAMES, STATE  # noqa: E402
from zygote_learning import ENVIRONMENT, Learning  # noqa: E402

BATCH = 16
ROUNDS = 4  # the life of one zygote has room for so many batches
LEARNABLE = os.path.join(driver.WORKERS, "learnable.py")
ENDING = """import os, signal, subprocess, sys, time
print(subprocess.run(["grep", "-E", "^Sig[BIC]|^NoNewPrivs", "/proc/self/status"], stdout=-1).stdout)
with open("/proc/self/status") as status:
    print([line for line in status if line.startswith(("SigB", "SigI", "SigC", "NoNewPrivs"))])
print(sorted(os.listdir("/proc/self/fd")), os.getsid(0) == os.getpid(), flush=True)
os.kill(os.getpid(), signal.SIGINT); time.sleep(1)
"""
SHOW_IMPORTS = """import sys
print(list(sys.modules))
print(sorted((m, k) for m, v in sys.modules.items() for k in sorted(vars(v)) if m + '.' + k in sys.modules))
print([m for m in sys.modules if sys.modules[m].__spec__ is None], sys.path, sys.warnoptions)
"""


def learnable_names():
    spec = importlib.util.spec_from_file_location("learnable", LEARNABLE)
    module = importlib.util.module_from_spec(spec)
    module.load = lambda name: None
    spec.loader.exec_module(module)
    return sorted({*module.LEARNABLE, *(name for names in module.LEARNABLE.values() for name in names)})


def is_learned(case):
    """Whether it is a script by itself, which a warm interpreter runs."""
    return case.mode == SCRIPT and not case.declined and case.arguments[0].endswith(".py")


def batches(cases):
    """Of cases that one zygote can serve: (flags, variables, cases)."""
    by_start = {}
    for case in cases:
        key = tuple(case.flags), tuple(sorted((n, v) for n, v in case.env.items() if n.startswith(("PYTHON", "LC_", "LANG", "TZ", "HOME"))))
        by_start.setdefault(key, []).append(case)
    for (flags, env), alike in by_start.items():
        for at in range(0, len(alike), BATCH * ROUNDS):
            yield list(flags), dict(env), alike[at : at + BATCH * ROUNDS]


class LearnedPrograms(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.base = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.base, True)

    def run_case(self, case, number, run):
        """In a folder that is made anew each time: the answer, and what is left there."""
        folder = "%s/%d" % (self.base, number)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        worker.write_files(folder, case)
        return run(folder, [a.replace("{cwd}", folder) for a in case.arguments]), worker.files_left(folder)

    def compare(self, python, flags, key_env, cases):
        """Every case directly, then in a process that has to compile it, then in one that has not."""
        learning = Learning(python, flags, {**ENVIRONMENT, **key_env})
        self.addCleanup(learning.stop)

        def directly(case):
            before_exec = worker.ignoring(case.ignored_signals) if case.ignored_signals else worker.no_core
            return lambda cwd, arguments: driver.run_directly([python, *flags, *arguments], {**ENVIRONMENT, **case.env}, case.stdin, cwd,
                                                              case.merged, case.close_stdout_after, before_exec)

        def parked(case):
            return lambda cwd, arguments: learning.run(arguments, {**ENVIRONMENT, **case.env}, case.stdin, cwd, case.merged,
                                                       case.ignored_signals, case.close_stdout_after)

        expected = [self.run_case(case, number, directly(case)) for number, case in enumerate(cases)]
        for at in range(0, len(cases), BATCH):
            batch = list(enumerate(cases))[at : at + BATCH]
            for number, case in batch:
                self.run_case(case, number, parked(case))
            learning.wait_for(scripts=at + len(batch))
        for number, case in enumerate(cases):
            with self.subTest(python=python, case=case.name):
                answer, left = self.run_case(case, number, parked(case))
                self.assertEqual(worker.without_addresses(repr(answer)), worker.without_addresses(repr(expected[number][0])))
                self.assertEqual((answer.status, left), (expected[number][0].status, expected[number][1]))
        self.assertEqual(learning.scripts_now(), len(cases), "no script was made known again: each was found as it was learned")

    def test_every_program_whose_code_was_learned(self):
        for runner in map(worker.Runner, worker.PYTHONS):
            if runner.version < (3, 9):
                continue  # it knows these scripts by a relative path, and learns only others
            cases = [case for case in worker.CASES if is_learned(case) and case.since <= runner.version <= case.until]
            self.assertGreater(len(cases), 150)
            for flags, env, alike in batches(cases):
                self.compare(runner.python, flags, env, alike)

    def test_every_module_of_the_list_once_it_was_learned(self):
        names = learnable_names()
        for runner in map(worker.Runner, worker.PYTHONS):
            learning = Learning(runner.python)
            self.addCleanup(learning.stop)
            all_of_them = "\n".join("try: import %s\nexcept ImportError: pass" % name for name in names)
            with open(self.base + "/all.py", "w") as script:
                script.write(all_of_them)
            learning.run([self.base + "/all.py"])
            learning.wait_for(scripts=1, modules=1)
            for name in names:
                text = "try: import %s\nexcept ImportError as error: print(error)\n%s" % (name, SHOW_IMPORTS)
                with open(self.base + "/hook.py", "w") as script:
                    script.write(text)
                with self.subTest(python=runner.python, name=name):
                    argv = [self.base + "/hook.py"]
                    expected = driver.run_directly([runner.python, *argv], ENVIRONMENT)
                    self.assertEqual(learning.run(argv), expected)

    def test_zygote_that_has_executed_itself_anew_is_as_the_first(self):
        for runner in map(worker.Runner, worker.PYTHONS):
            for flags, variables in ((), {}), (["-I"], {}), (["-u", "-W", "error"], {"LC_ALL": "POSIX"}), (["-S"], {"PYTHONPATH": "/nowhere"}):
                env = {**ENVIRONMENT, **variables}
                learning = Learning(runner.python, flags, env)
                self.addCleanup(learning.stop)
                argv = [self.base + "/hook.py"]
                for program in ("import quopri", STATE, FRAMES, ENDING):
                    with open(argv[0], "w") as script:
                        script.write(program)
                    with self.subTest(python=runner.python, flags=flags, program=program):
                        expected = driver.run_directly([runner.python, *flags, *argv], env, before_exec=worker.no_core)
                        self.assertEqual(worker.without_addresses(repr(learning.run(argv))), worker.without_addresses(repr(expected)))
                    learning.wait_for(scripts=1, modules=1)


if __name__ == "__main__":
    unittest.main()
