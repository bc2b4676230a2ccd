"""The zygote and its parked processes towards their keeper."""
import concurrent.futures
import os
import resource
import signal
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures"))
import zygote_driver as driver  # noqa: E402

PYTHON = os.environ.get("HS_TEST_PYTHONS", "/usr/bin/python3").split(":")[0]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": os.path.expanduser("~")}


def order(source, python=PYTHON, env=None, **options):
    return driver.order_bytes(driver.COMMAND, [python, "-c", source], 2, driver.environment({**ENVIRONMENT, **(env or {})}), **options)


def full_pipe():
    """(read, write): who writes must wait."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"0" * 4096)
    except BlockingIOError:
        os.set_blocking(write, True)
    return read, write


def wait_for(look):
    deadline = time.monotonic() + driver.ANSWER_TIMEOUT_S
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.005)
    raise TimeoutError


class Parking(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.zygote = driver.Zygote(PYTHON, env=ENVIRONMENT)

    @classmethod
    def tearDownClass(cls):
        assert cls.zygote.stop() == (0, b"", b"")

    def parked(self, **options):
        return self.zygote.park(**options)

    def leader_of_a_session(self):
        """Among our children, the zygote apart; None if there is none."""
        with open("/proc/self/task/%d/children" % os.getpid()) as list:
            pids = [int(pid) for pid in list.read().split()]
        return next((pid for pid in pids if pid != self.zygote.process.pid and os.getsid(pid) == pid), None)

    def end(self, parked):
        parked.order.close()
        return os.waitpid(parked.pid, 0)[1]

    def test_parked_process_is_adopted_and_leads_its_session(self):
        parked = self.parked()
        with open("/proc/%d/stat" % parked.pid) as stat:
            fields = stat.read().rpartition(")")[2].split()
        self.assertEqual((int(fields[1]), int(fields[3])), (os.getpid(), parked.pid))
        self.end(parked)

    @unittest.skipIf(os.getuid() != 0, "only root may look into a parked process, which hides from its own user")
    def test_parked_process_holds_its_pipes_the_sockets_to_keeper_and_zygote_and_the_watch_only(self):
        parked = self.parked()
        self.assertEqual(sorted(os.listdir("/proc/%d/fd" % parked.pid)), ["0", "1", "2", "3", "4", "5"])
        self.end(parked)

    @unittest.skipIf(os.getuid() != 0, "only root may look into a parked process, which hides from its own user")
    def test_parked_process_tells_its_proportional_set_size(self):
        parked = self.parked()
        self.assertAlmostEqual(parked.memory_kib, driver.pss_kib(parked.pid), delta=parked.memory_kib / 4)
        self.end(parked)

    def test_parked_process_writes_itself_into_its_leaf(self):
        with tempfile.TemporaryFile() as leaf:
            self.end(self.parked(leaf=leaf.fileno()))
            leaf.seek(0)
            self.assertEqual(leaf.read(), b"0")

    @unittest.skipIf(os.getuid() != 0, "only root may look into a parked process, which hides from its own user")
    def test_parked_process_has_its_pipes_before_it_has_its_session(self):
        """Or the keeper could not tell it from a process that a hook has left behind."""
        full, leaf = full_pipe()  # it waits there, before it is ready
        with concurrent.futures.ThreadPoolExecutor() as pool:
            parked = pool.submit(self.parked, leaf=leaf)
            try:
                pid = wait_for(self.leader_of_a_session)
                held = [os.readlink("/proc/%d/fd/%d" % (pid, fd)) for fd in range(3)]
            finally:
                os.read(full, 1 << 20)
            parked = parked.result()
        ends = (parked.stdin, parked.stdout, parked.stderr)
        self.assertEqual(held, [os.readlink("/proc/self/fd/%d" % fd) for fd in ends])
        self.end(parked)
        os.close(full)
        os.close(leaf)

    def test_parked_process_that_cannot_enter_its_leaf_does_not_get_ready(self):
        with open("/dev/full", "wb") as leaf:
            with self.assertRaisesRegex(RuntimeError, "not parked"):
                self.parked(leaf=leaf.fileno())
        self.assertEqual(os.waitstatus_to_exitcode(os.wait()[1]), 72)

    def test_end_of_file_instead_of_an_order_ends_it_with_0(self):
        self.assertEqual(self.end(self.parked()), 0)

    def test_hook_is_dumpable_and_dies_with_its_keeper(self):
        source = "import ctypes; c = ctypes.CDLL(None); n = ctypes.c_int(); c.prctl(2, ctypes.byref(n)); print(c.prctl(3), n.value)"
        self.assertEqual(self.parked().run(order(source)).stdout, b"1 9\n")

    def test_two_calls_share_no_randomness_and_no_state(self):
        source = "import random, uuid, tempfile, sys; sys.leak = getattr(sys, 'leak', 0) + 1; print(random.random(), uuid.uuid4(), sys.leak)"
        one, two = (self.parked().run(order(source)).stdout.split() for _ in range(2))
        self.assertNotEqual(one[:2], two[:2])
        self.assertEqual((one[2], two[2]), (b"1", b"1"))

    def test_large_order_arrives_whole(self):
        env = {"BIG%d" % n: "x" * 100000 for n in range(20)}
        answer = self.parked().run(order("import os; print(sum(map(len, os.environ.values())) > 2000000)", env=env))
        self.assertEqual(answer.stdout, b"True\n")

    def test_interpreter_found_on_the_path_is_accepted(self):
        folder, name = os.path.split(PYTHON)
        data = order("import sys; print(sys.executable)", python=name, env={"PATH": "/nowhere:" + folder})
        self.assertEqual(self.parked().run(data).stdout, PYTHON.encode() + b"\n")

    def assert_declined(self, data):
        answer = self.parked().run(data)
        self.assertTrue(answer.declined)
        self.assertEqual((answer.stdout, answer.stderr, answer.status), (b"", b"", 0))

    def test_orders_of_another_start_are_declined(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
        smaller = {resource.RLIMIT_STACK: (4 << 20, hard)}
        self.assert_declined(order("print(1)", env={"PYTHONUTF8": "1"}))
        self.assert_declined(order("print(1)", env={"LC_ALL": "C"}))
        self.assert_declined(order("print(1)", env={"HOME": "/elsewhere"}))
        self.assert_declined(order("print(1)", python="/usr/local/bin/python9"))
        self.assert_declined(order("print(1)", python="bin/python3"))
        self.assert_declined(order("print(1)", limits=smaller))

    def test_order_with_flags_of_another_start_is_declined(self):
        argv = [PYTHON, "-O", "-c", "print(1)"]
        self.assert_declined(driver.order_bytes(driver.COMMAND, argv, 3, driver.environment(ENVIRONMENT)))

    def test_order_that_contradicts_itself_is_declined(self):
        data = bytearray(order("print(1)"))
        data[20:24] = (7).to_bytes(4, "little")  # argc
        self.assert_declined(bytes(data))

    def test_order_of_impossible_length_ends_the_process_without_output(self):
        answer = self.parked().run((1 << 31).to_bytes(4, "little") + order("print(1)")[4:])
        self.assertEqual((answer.stdout, answer.stderr), (b"", b""))

    def test_umask_limits_and_priority_of_the_order_apply(self):
        limits = {resource.RLIMIT_NOFILE: (77, 99), resource.RLIMIT_CORE: (5, 10)}
        source = "import os, resource as r; print(oct(os.umask(0)), r.getrlimit(r.RLIMIT_NOFILE), r.getrlimit(r.RLIMIT_CORE))"
        self.assertEqual(self.parked().run(order(source, umask=0o27, limits=limits)).stdout, b"0o27 (77, 99) (0, 10)\n")


class Life(unittest.TestCase):
    def test_zygote_ends_with_0_when_its_keeper_closes_the_socket(self):
        self.assertEqual(driver.Zygote(PYTHON, env=ENVIRONMENT).stop(), (0, b"", b""))

    def test_zygote_of_a_changed_installation_ends_with_75_instead_of_forking(self):
        with tempfile.TemporaryDirectory() as folder:
            zygote = driver.Zygote(PYTHON, env={**ENVIRONMENT, "PYTHONPATH": folder})
            with open(folder + "/new_module.py", "w"):
                pass
            with self.assertRaises(RuntimeError):
                zygote.park()
            self.assertEqual(zygote.stop()[0], 75)

    def test_parked_process_of_a_changed_installation_declines(self):
        with tempfile.TemporaryDirectory() as folder:
            zygote = driver.Zygote(PYTHON, env={**ENVIRONMENT, "PYTHONPATH": folder})
            parked = zygote.park()
            with open(folder + "/new_module.py", "w"):
                pass
            self.assertTrue(parked.run(order("print(1)", env={"PYTHONPATH": folder})).declined)
            zygote.stop()

    def test_signals_ignored_or_blocked_in_the_zygote_are_as_usual_in_the_hook(self):
        def before_exec():
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

        zygote = driver.Zygote(PYTHON, env=ENVIRONMENT, before_exec=before_exec)
        source = "import signal as s; print(s.getsignal(s.SIGUSR1), s.getsignal(s.SIGINT), s.pthread_sigmask(s.SIG_BLOCK, []))"
        answer = zygote.park().run(order(source))
        zygote.stop()
        self.assertIn(b"default_int_handler", answer.stdout)
        self.assertTrue(answer.stdout.endswith(b"set()\n"))
        self.assertNotIn(b"SIG_IGN", answer.stdout)

    def test_parked_process_survives_its_zygote(self):
        zygote = driver.Zygote(PYTHON, env=ENVIRONMENT)
        parked = zygote.park()
        zygote.process.send_signal(signal.SIGKILL)
        zygote.stop()
        self.assertEqual(parked.run(order("print(1)")).stdout, b"1\n")


if __name__ == "__main__":
    unittest.main()
