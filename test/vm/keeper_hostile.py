"""What hostile tasks do to a leaf, the same for every kind of cgroup. A mixin: the test case has keeper(*options), and
memory(bytes) and pids(count), which give the options for a limit."""
import os
import signal
import sys
import tempfile

import keeper_driver as k

PYTHON = sys.executable
FAKE_ZYGOTE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "native", "keeper_fake_zygote.py")


class Hostile:
    def holds_only_parked(self, keeper):
        """The next process may have been parked there already."""
        parked = {str(keeper.parked_pid(*lease)) for lease in keeper.parked}
        return set(self.members_of(0).split()) <= parked

    def expect_memory_hit_and_quiet_neighbour(self, bomb, **rest):
        with self.keeper(*self.memory(32 << 20), slots=3, parked=3) as keeper:
            waits = k.order(["/bin/sh", "-c", "read word; echo $word"], ["PATH=/bin:/usr/bin"])
            neighbour = keeper.start(waits, complete=False, timeout_ms=60000)
            end = keeper.run([PYTHON, "-ISc", bomb], timeout_ms=60000, **rest).end
            self.assertEqual((end.outcome, end.limit), (k.LIMIT_HIT, k.LIMIT_MEMORY))
            self.assertTrue(16 << 20 < end.memory_peak_bytes <= 33 << 20, end.memory_peak_bytes)
            self.assertGreater(end.oom_kills, 0)
            keeper.stdin(neighbour, b"well\n", end=True)
            end = keeper.finish(neighbour).end
            self.assertEqual((end.outcome, end.exit_code, end.oom_kills), (k.ANSWERED, 0, 0))

    def test_anonymous_memory_without_end_is_a_memory_hit_and_the_neighbour_answers(self):
        self.expect_memory_hit_and_quiet_neighbour("x = [bytearray(1 << 20) for _ in range(300)]")

    def test_files_in_memory_without_end_are_a_memory_hit_and_the_neighbour_answers(self):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            bomb = "f = open('x', 'wb')\nfor _ in range(300): f.write(bytes(1 << 20)); f.flush()"
            self.expect_memory_hit_and_quiet_neighbour(bomb, cwd=folder)

    def test_full_pipes_without_end_are_a_memory_hit_and_the_neighbour_answers(self):
        bomb = """import fcntl, os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
for _ in range(2000):
    far, near = os.pipe()
    fcntl.fcntl(near, fcntl.F_SETPIPE_SZ, 1 << 20)
    os.set_blocking(near, False)
    try:
        while True: os.write(near, bytes(1 << 16))
    except BlockingIOError: pass
"""
        self.expect_memory_hit_and_quiet_neighbour(bomb)

    def test_child_that_eats_the_memory_takes_its_task_along(self):
        text = f"{PYTHON} -ISc 'x = bytearray(300 << 20)'; sleep 30"
        with self.keeper(*self.memory(32 << 20), slots=1, parked=1) as keeper:
            end = keeper.sh(text, timeout_ms=60000).end
            self.assertEqual((end.outcome, end.limit), (k.LIMIT_HIT, k.LIMIT_MEMORY))
            self.assertLess(end.run_ns, 20e9)

    def test_threads_without_end_are_held_at_the_process_limit(self):
        bomb = """import threading, time
started = 0
try:
    for _ in range(100):
        threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
        started += 1
except RuntimeError: print(started)
"""
        with self.keeper(*self.pids(20), slots=1, parked=1) as keeper:
            call = keeper.run([PYTHON, "-ISc", bomb], timeout_ms=60000)
            self.assertEqual((call.end.outcome, call.stdout), (k.ANSWERED, b"19\n"))
            self.assertGreater(call.end.pids_max_hits, 0)

    def test_forks_without_end_are_held_and_ended_with_their_task(self):
        bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
        with self.keeper(*self.pids(20), slots=1, parked=1) as keeper:
            end = keeper.run([PYTHON, "-ISc", bomb], timeout_ms=4000).end
            self.assertEqual(end.outcome, k.TIMED_OUT)
            self.assertGreater(end.pids_max_hits, 0)
            keeper.wait(lambda: self.holds_only_parked(keeper), what="a leaf without what was killed")
            self.assertEqual(keeper.sh("echo next", timeout_ms=60000).stdout, b"next\n")

    def test_stopped_deaf_and_daemonised_members_are_gone_after_the_kill(self):
        text = ("(kill -STOP $BASHPID) & echo $!; (trap '' TERM INT HUP; exec sleep 100) & echo $!; "
                "(setsid sleep 100 >/dev/null 2>&1 & echo $!); "
                "(setsid sh -c 'kill -STOP $$' >/dev/null 2>&1 & echo $!); sleep 100")
        with self.keeper(slots=1, parked=1) as keeper:
            call = keeper.run(["/bin/bash", "-c", text], timeout_ms=1500)
            pids = [int(line) for line in call.stdout.split()]
            self.assertEqual((call.end.outcome, call.end.signal, len(pids)), (k.TIMED_OUT, signal.SIGKILL, 4))
            self.assertTrue(k.gone_within(2, pids))
            keeper.wait(lambda: self.holds_only_parked(keeper), what="a leaf without what was killed")
