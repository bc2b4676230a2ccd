"""Runs every case directly and in a parked process, and compares stdout, stderr, status and the files left behind.

    python3 test/conformance/node_worker_test.py     HS_TEST_NODES=/path/a:/path/b to name binaries, HS_TEST_ALL=1 for the
                                                     cases that repeat others from a module or with another input
"""
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "fixtures")]
import node_driver  # noqa: E402
import zygote_driver as driver  # noqa: E402
from node_worker_cases import CASES, COMMAND  # noqa: E402

TRIES = 3
NODES = [os.path.realpath(node) for node in (os.environ.get("HS_TEST_NODES") or shutil.which("node") or "").split(":") if node]
NOBODY = 65534
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": os.path.expanduser("~")}


def write_files(folder, case):
    for name, content in case.files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if content.startswith("->"):
            os.symlink(content[2:], path)
        else:
            with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(content)


def files_left(folder):
    """By name and content; caches of compiled code, which differ from run to run, by name."""
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            if os.path.exists(path):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = None if "/cache.d/" in path else file.read()
    return found


def comparable(answer):
    """What differs from one direct run to the next."""
    text = repr(answer)
    text = re.sub(r"0x[0-9a-f]{8,}", "0xADDRESS", text)
    text = re.sub(r"^(\(node:|[A-Z]+ |    at .*worker )\d+", r"\1PID", text, flags=re.MULTILINE)
    return re.sub(r"(pid: |MODULE )\d+", r"\1PID", text)


class NodeWorker(unittest.TestCase):
    maxDiff = None

    def run_in(self, folder, case, run):
        """run() in a folder that has the same name each time; the answer and what is left."""
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        write_files(folder, case)
        return run(), files_left(folder)

    def compare(self, node, case):
        """Threads of a starting Node have a file open for a moment (the C library counts processors), so in a few of a thousand
        direct runs a descriptor has another number: a difference counts if it is there each time."""
        for tries_left in reversed(range(TRIES)):
            try:
                return self.compare_once(node, case)
            except AssertionError:
                if tries_left == 0:
                    raise

    def compare_once(self, node, case):
        with tempfile.TemporaryDirectory() as base:
            folder = base + "/case"
            flags = [flag.replace("{cwd}", folder) for flag in case.flags]
            env = {name: value.replace("{cwd}", folder) for name, value in {**ENVIRONMENT, **case.env}.items()}
            argv = [node, *flags, *(a.replace("{cwd}", folder) for a in case.arguments)]
            limits = {resource.RLIMIT_CORE: (0, resource.RLIM_INFINITY), **(case.limits or {})}

            def before_exec():
                for number in case.ignored_signals:
                    node_driver.ignore(number)
                for which, pair in limits.items():
                    resource.setrlimit(which, pair)

            expected = self.run_in(folder, case, lambda: driver.run_directly(
                argv, env, case.stdin, folder, case.merged, case.close_stdout_after, before_exec))
            parked = node_driver.Parked(node, flags, env, case.mode == COMMAND)
            order = driver.order_bytes(case.mode, argv, 1 + len(flags), driver.environment(env), case.merged,
                                       sum(1 << number - 1 for number in case.ignored_signals), limits=limits)
            actual = self.run_in(folder, case, lambda: parked.run(order, case.stdin, folder, case.close_stdout_after))
        self.assertEqual(actual[0].declined, case.declined, actual[0])
        if not case.declined:
            self.assertIn(case.shows, expected[0].stdout)
            self.assertEqual(comparable(actual[0]), comparable(expected[0]))
            self.assertEqual(actual[1], expected[1])


class Ends(unittest.TestCase):
    def test_the_end_is_told_early_however_it_comes(self):
        for node in NODES:
            for name, text in (("x.js", ""), ("x.js", "process.exit(3)"), ("x.js", "throw 1"), ("x.js", "process.exitCode = 4"),
                               ("x.mjs", "await 1"), ("x.mjs", "process.exit()"), ("x.mjs", "await Promise.reject(1)")):
                with self.subTest(node=node, name=name, text=text), tempfile.TemporaryDirectory() as folder:
                    with open(os.path.join(folder, name), "w") as script:
                        script.write(text)
                    parked = node_driver.Parked(node)
                    parked.run(driver.order_bytes(1, [node, name], 1, []), cwd=folder)
                    self.assertTrue(parked.was_told)

    def test_what_others_see_is_closed_when_the_end_is_told(self):
        """A named pipe that the hook leaves open: its reader has the end of it no later than the keeper has the answer."""
        for node in NODES:
            with self.subTest(node=node), tempfile.TemporaryDirectory() as folder:
                os.mkfifo(os.path.join(folder, "fifo"))
                with open(os.path.join(folder, "x.js"), "w") as script:
                    script.write("require('fs').openSync('fifo', 'w')")
                reader = os.open(os.path.join(folder, "fifo"), os.O_RDONLY | os.O_NONBLOCK)
                parked = node_driver.Parked(node)
                signal.pthread_sigmask(signal.SIG_BLOCK, [node_driver.TASK_FINISHED_SIGNAL])
                parked.send(driver.order_bytes(1, [node, "x.js"], 1, []), folder)
                told = signal.sigtimedwait([node_driver.TASK_FINISHED_SIGNAL], driver.ANSWER_TIMEOUT_S)
                self.assertEqual(os.read(reader, 1), b"")  # BlockingIOError: somebody may still write
                signal.pthread_sigmask(signal.SIG_UNBLOCK, [node_driver.TASK_FINISHED_SIGNAL])
                os.close(reader)
                parked.process.wait(driver.ANSWER_TIMEOUT_S)
                self.assertEqual((told.si_pid, told.si_status), (parked.pid, 0))

    def test_every_tested_node_is_known(self):
        for node in NODES:
            self.assertTrue(node_driver.Parked(node).is_known, node)

    def test_a_node_with_other_internals_says_so_and_ends_by_itself(self):
        with tempfile.TemporaryDirectory() as base:
            workers = os.path.join(base, "workers")
            shutil.copytree(node_driver.WORKERS, workers)
            with open(os.path.join(workers, "internals.cjs"), "w") as internals:
                internals.write("module.exports = () => ({});")
            with open(os.path.join(base, "x.mjs"), "w") as script:
                script.write("console.log('said'); await new Promise(() => {});")
            parked = node_driver.Parked(NODES[0], workers=workers)
            self.assertFalse(parked.is_known)
            answer = parked.run(driver.order_bytes(1, [NODES[0], "x.mjs"], 1, []), cwd=base)
        self.assertEqual((os.waitstatus_to_exitcode(answer.status), answer.stdout), (13, b"said\n"), answer)

    def test_the_end_is_not_told_early_where_libraries_were_loaded(self):
        text = "process.dlopen({ exports: {} }, process.argv[2])"
        with tempfile.TemporaryDirectory() as folder:
            library = shutil.copy(os.path.join(node_driver.WORKERS, "park.node"), os.path.join(folder, "other.node"))
            with open(os.path.join(folder, "x.js"), "w") as script:
                script.write(text)
            parked = node_driver.Parked(NODES[0])
            answer = parked.run(driver.order_bytes(1, [NODES[0], "x.js", library], 1, []), cwd=folder)
        self.assertEqual((answer.status, answer.stderr), (0, b""))
        self.assertFalse(parked.was_told)


class Refusals(unittest.TestCase):
    def test_a_start_that_speaks_is_not_parked(self):
        with self.assertRaisesRegex(RuntimeError, "not parked, exit status 78: "):
            node_driver.Parked(NODES[0], ["--pending-deprecation"])

    def test_a_folder_that_is_gone_is_declined(self):
        with tempfile.TemporaryDirectory() as base:
            folder = os.path.join(base, "gone")
            os.mkdir(folder)
            parked, cwd = node_driver.Parked(NODES[0]), os.open(folder, os.O_RDONLY)
            os.rmdir(folder)
            answer = parked.run(driver.order_bytes(1, [NODES[0], "x.js"], 1, []), cwd="/proc/self/fd/%d" % cwd)
            os.close(cwd)
        self.assertTrue(answer.declined, answer)

    def test_end_of_file_ends_a_parked_process(self):
        parked = node_driver.Parked(NODES[0])
        parked.order.close()
        self.assertEqual(parked.process.wait(10), 0)

    @unittest.skipIf(os.getuid() != 0, "only root may look into a parked process, which hides from its own user")
    def test_it_tells_its_proportional_set_size(self):
        parked = node_driver.Parked(NODES[0])
        self.assertAlmostEqual(parked.memory_kib, driver.pss_kib(parked.pid), delta=parked.memory_kib / 4)

    def test_it_hides_from_its_user_until_it_runs_the_hook(self):
        """The files of a process in /proc belong to root while the process is not dumpable."""
        user = os.getuid() or NOBODY
        park = os.path.join(node_driver.WORKERS, "park.cjs")
        try:
            subprocess.run([NODES[0], "--check", park], check=True, user=user, cwd="/", env={}, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("user %d may not run Node or read our files" % user)
        flags = ["-e", "console.log(fs.statSync('/proc/self/status').uid)"]
        parked = node_driver.Parked(NODES[0], flags, is_command=True, user=user)
        self.assertEqual(os.stat("/proc/%d/status" % parked.pid).st_uid, 0)
        answer = parked.run(driver.order_bytes(2, [NODES[0], *flags], 3, []))
        self.assertEqual((answer.stdout, answer.declined), (b"%d\n" % user, False), answer)

    def test_an_order_for_other_flags_is_declined(self):
        for mode, argv, index in ((1, ["--no-warnings", "x.js"], 2), (1, [], 1), (2, ["x.js"], 1), (3, ["x.js"], 1), (1, ["x.js"], 2)):
            with self.subTest(mode=mode, argv=argv, index=index):
                answer = node_driver.Parked(NODES[0]).run(driver.order_bytes(mode, [NODES[0], *argv], index, []))
                self.assertEqual((answer.declined, answer.stdout, answer.stderr, answer.status), (True, b"", b"", 0))

    def test_an_order_that_is_not_sound_is_declined(self):
        good = driver.order_bytes(1, [NODES[0], "x.js"], 1, [b"A=1"])
        for at, value in ((0, 1 << 30), (16, 5), (20, 9), (24, 1), (28, 1 << 30), (32, 0)):
            order = good[:at] + value.to_bytes(4, "little") + good[at + 4:]
            with self.subTest(at=at, value=value):
                answer = node_driver.Parked(NODES[0]).run(order)
                self.assertTrue(answer.declined, answer)


def make_test(case):
    def test(self):
        for node in NODES:
            version = int(subprocess.check_output([node, "-p", "parseInt(process.versions.node)"], env={}))
            if case.since <= version <= case.until:
                with self.subTest(node=node):
                    self.compare(node, case)
    test.__doc__ = case.name
    return test


REPEATS = ("end of a module: ", "input of 300 KB: ", "no input: ")
LEFT_OUT = [] if os.environ.get("HS_TEST_ALL") else [case for case in CASES if case.name.startswith(REPEATS)]


class Repeats(unittest.TestCase):
    @unittest.skipIf(LEFT_OUT, "%d cases that repeat others take half a minute: HS_TEST_ALL=1 runs them" % len(LEFT_OUT))
    def test_repeats_of_other_cases_are_run(self):
        self.assertGreater(sum(case.name.startswith(REPEATS) for case in CASES), 50)


for number, each in enumerate(CASES):
    if each in LEFT_OUT:
        continue
    setattr(NodeWorker, "test_%03d_%s" % (number, "".join(c if c.isalnum() else "_" for c in each.name)[:60]), make_test(each))

if __name__ == "__main__":
    unittest.main()
