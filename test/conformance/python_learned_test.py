"""What a zygote has learned changes nothing that a hook shows: every program again, with its code learned.

    python3 test/conformance/python_learned_test.py     HS_TEST_PYTHONS=/path/a:/path/b to name interpreters
"""
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
from zygote_learning import ENVIRONMENT, Learning  # noqa: E402

BATCH = 16
ROUNDS = 4  # the life of one zygote has room for so many batches


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


if __name__ == "__main__":
    unittest.main()
