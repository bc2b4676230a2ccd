"""What hostile tasks do to a leaf, the same for every kind of cgroup. A mixin: the test case has keeper(*options), and
memory(bytes) and pids(count), which give the options for a limit."""
import os
import signal
import sys
import tempfile

import keeper_driver as k

PYTHON = sys.executable
MEMORY_MAX_BYTES = 32 << 20
SLACK_BYTES = 1 << 20  # what one processor has charged ahead
FAKE_ZYGOTE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "native", "keeper_fake_zygote.py")


# Tells how much it could send before every connection was full.
TCP_BOMB = """import resource, socket
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
listener = socket.create_server(('127.0.0.1', 0))
kept, sent = [], 0
for _ in range(200):
    near = socket.create_connection(listener.getsockname())
    far = listener.accept()[0]
    kept.append((near, far))
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    near.setblocking(False)
    try:
        while True: sent += near.send(bytes(1 << 16))
    except BlockingIOError: pass
print(sent)
"""


def state_of(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0]


class Hostile:
    def holds_only_parked(self, keeper, slot=0):
        """The next process may have been parked there already."""
        parked = {str(keeper.parked_pid(*lease)) for lease in keeper.parked}
        return set(self.members_of(slot).split()) <= parked

    def expect_clean_place(self, keeper, slot):
        """Of the task that was in this slot nothing is left, and the next one there is answered as if nothing had been."""
        keeper.wait(lambda: any(parked == slot for parked, _ in keeper.parked), what="the next process of the slot")
        keeper.wait(lambda: self.holds_only_parked(keeper, slot), what="a leaf without what was killed")
        lease = next(lease for lease in keeper.parked if lease[0] == slot)
        keeper.parked.remove(lease)
        waits = k.order(["/bin/sh", "-c", "read word; echo $word; exit 3"], ["PATH=/bin:/usr/bin"])
        call = keeper.finish(keeper.start(waits, b"next\n", timeout_ms=60000, lease=lease))
        self.assertEqual((call.stdout, call.stderr, call.end.outcome, call.end.exit_code), (b"next\n", b"", k.ANSWERED, 3))
        self.assertEqual((call.end.oom_kills, call.end.pids_max_hits), (0, 0))
        self.assertLess(call.end.memory_peak_bytes, 12 << 20)

    def beside_a_neighbour(self, keeper, bomb, **rest):
        """The end of that Python program; a task that waits all the while is answered, and then what comes next, too."""
        waits = k.order(["/bin/sh", "-c", "read word; echo $word"], ["PATH=/bin:/usr/bin"])
        neighbour = keeper.start(waits, complete=False, timeout_ms=60000)
        call = keeper.run([PYTHON, "-ISc", bomb], timeout_ms=60000, **rest)
        keeper.stdin(neighbour, b"well\n", end=True)
        end = keeper.finish(neighbour).end
        self.assertEqual((neighbour.stdout, end.outcome, end.exit_code, end.oom_kills), (b"well\n", k.ANSWERED, 0, 0))
        self.expect_clean_place(keeper, call.slot)
        return call

    def expect_memory_hit_and_quiet_neighbour(self, bomb, **rest):
        with self.keeper(*self.memory(MEMORY_MAX_BYTES), slots=3, parked=3) as keeper:
            end = self.beside_a_neighbour(keeper, bomb, **rest).end
            self.assertEqual((end.outcome, end.limit), (k.LIMIT_HIT, k.LIMIT_MEMORY))
            self.assertTrue(16 << 20 < end.memory_peak_bytes <= MEMORY_MAX_BYTES + SLACK_BYTES, end.memory_peak_bytes)
            self.assertGreater(end.oom_kills, 0)

    def held_below_maximum(self, bomb):
        """What the kernel can take back, or refuse, is no reason to end a task. Returns what it told."""
        with self.keeper(*self.memory(MEMORY_MAX_BYTES), slots=3, parked=3) as keeper:
            call = self.beside_a_neighbour(keeper, bomb)
            self.assertEqual((call.stderr, call.end.outcome, call.end.oom_kills), (b"", k.ANSWERED, 0))
            self.assertLessEqual(call.end.memory_peak_bytes, MEMORY_MAX_BYTES + SLACK_BYTES)
            return call.stdout

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

    def test_full_sockets_without_end_are_a_memory_hit_and_the_neighbour_answers(self):
        bomb = """import resource, socket
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
kept = []
for _ in range(1500):
    pair = socket.socketpair()
    kept.append(pair)
    pair[0].setblocking(False)
    try:
        while True: pair[0].send(bytes(1 << 16))
    except BlockingIOError: pass
"""
        self.expect_memory_hit_and_quiet_neighbour(bomb)

    def test_file_pages_without_end_are_held_below_the_limit(self):
        """Of the guest's disk, both dirty and clean: what lies in memory of a file that was written or read."""
        bomb = """piece = b'x' * (1 << 20)
with open('/dev/vda', 'r+b', buffering=0) as disk:
    for _ in range(80): disk.write(piece)
    disk.seek(0)
    print(sum(disk.read(1 << 20) == piece for _ in range(80)))
"""
        self.assertEqual(self.held_below_maximum(bomb), b"80\n")

    def test_memory_is_not_moved_to_the_swap_of_the_machine(self):
        with open("/proc/swaps") as swaps:
            self.assertGreater(len(swaps.readlines()), 1, "the guest has no swap: nothing is shown")
        self.expect_memory_hit_and_quiet_neighbour("x = bytearray(b'x') * (60 << 20)")

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

    def test_parent_that_waits_for_its_vfork_and_tracee_that_is_stopped_are_gone_after_the_kill(self):
        """The first sleeps uninterruptibly until its child has executed something, and that waits to open a pipe."""
        program = """import ctypes, os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.mkfifo('never')
    to_open = (os.POSIX_SPAWN_OPEN, 0, 'never', os.O_RDONLY, 0)
    os.write(1, b'%d\\n' % os.getpid())
    os.posix_spawn('/bin/true', ['true'], {}, file_actions=[to_open])
tracee = os.fork()
if tracee == 0:
    ctypes.CDLL(None).ptrace(0, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
os.waitpid(tracee, os.WUNTRACED)
os.write(1, b'%d\\n' % tracee)
signal.pause()
"""
        with tempfile.TemporaryDirectory() as folder, self.keeper(slots=1, parked=1) as keeper:
            call = keeper.start(k.order([PYTHON, "-ISc", program]), timeout_ms=60000, cwd=folder)
            keeper.wait(lambda: call.stdout.count(b"\n") == 2, what="both to be there")
            pids = [int(line) for line in call.stdout.split()]
            keeper.wait(lambda: sorted(map(state_of, pids)) == ["D", "t"], what="one in vfork, one stopped for its tracer")
            members = [int(pid) for pid in set(self.members_of(call.slot).split())]
            self.assertEqual(len(members), 4)
            keeper.cancel(call, signal.SIGTERM)
            self.assertEqual(keeper.finish(call).end.outcome, k.CANCELLED)
            self.assertTrue(k.gone_within(2, members))
            self.expect_clean_place(keeper, call.slot)

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
