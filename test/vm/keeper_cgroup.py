"""The keeper on a real cgroup v2: run as root or as the owner of a delegated group, for example in a virtual machine.
`python3 test/vm/keeper_cgroup.py`; KEEPER names another binary than bin/supervisor-keeper."""
import ctypes
import os
import signal
import struct
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures"))
import keeper_driver as k  # noqa: E402
from keeper_hostile import FAKE_ZYGOTE, TCP_BOMB, Hostile  # noqa: E402

PLACEMENT_CLONE_INTO, PLACEMENT_SELF_WRITE = 1, 2
WANTED = {"memory", "pids", "cpu"}


def own_group():
    with open("/proc/self/cgroup") as lines:
        return "/sys/fs/cgroup" + next(line[3:].strip() for line in lines if line.startswith("0::"))


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def read(path):
    with open(path) as file:
        return file.read()


def enable(group):
    have = WANTED & set(read(f"{group}/cgroup.controllers").split())
    write(f"{group}/cgroup.subtree_control", " ".join(f"+{name}" for name in have))


def refuse_clone3():
    """In the child, before exec: clone3 answers ENOSYS, as under a container engine's filter."""
    def step(code, jump_true, jump_false, value):
        return struct.pack("<HBBI", code, jump_true, jump_false, value)
    clone3, enosys, allow = 435, 0x00050000 | 38, 0x7FFF0000
    program = ctypes.create_string_buffer(
        step(0x20, 0, 0, 0) + step(0x15, 0, 1, clone3) + step(0x06, 0, 0, enosys) + step(0x06, 0, 0, allow))
    filters = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", 4, ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
    assert libc.prctl(22, 2, filters, 0, 0) == 0  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def limits(**files):
    return [word for file, text in files.items() for word in ("--limit", f"{file}={text}")]


NO_SWAP = limits(**{"memory.swap.max": 0})
HUNGRY = limits(**{"memory.swap.max": 0, "memory.max": 32 << 20, "memory.oom.group": 1})
FEW = limits(**{"pids.max": 10})


class Cgroups(Hostile, unittest.TestCase):
    pools = 0

    @classmethod
    def setUpClass(cls):
        cls.base = own_group()
        os.makedirs(f"{cls.base}/sup", exist_ok=True)
        write(f"{cls.base}/sup/cgroup.procs", "0")  # an inner group must be empty before it hands out controllers
        enable(cls.base)

    def setUp(self):
        Cgroups.pools += 1
        self.pool = f"{self.base}/pool{Cgroups.pools}"
        os.mkdir(self.pool)
        enable(self.pool)
        self.pool_fd = os.open(self.pool, os.O_RDONLY | os.O_DIRECTORY)

    def tearDown(self):
        os.close(self.pool_fd)

    def keeper(self, *options, **rest):
        return k.Keeper("--cgroup", str(self.pool_fd), *options, pass_fds=(self.pool_fd,), **rest)

    def memory(self, bytes_max):
        return limits(**{"memory.swap.max": 0, "memory.max": bytes_max, "memory.oom.group": 1})

    def pids(self, count):
        return limits(**{"pids.max": count})

    def members_of(self, slot):
        try:
            return read(f"{self.pool}/slot-{slot}/cgroup.procs")
        except OSError:  # it is being renewed
            return ""

    def test_children_are_cloned_into_their_leaf_and_the_place_is_proved(self):
        with self.keeper(*limits(**{"memory.max": 268435456, "memory.oom.group": 1, "pids.max": 64, "cpu.max": "90000 100000"})) as keeper:
            slot, generation = keeper.lease()
            self.assertEqual(struct.unpack("<4I", keeper.records[0].payload)[2], PLACEMENT_CLONE_INTO)
            parked = keeper.kinds(k.PARKED)[0].payload
            pid, _, _, length = struct.unpack_from("<4I", parked)
            path = parked[struct.calcsize("<6I"):].decode()
            self.assertEqual(len(path), length)
            self.assertEqual("/sys/fs/cgroup" + path, f"{self.pool}/slot-{slot}")
            self.assertEqual(read(f"/proc/{pid}/cgroup").strip().rpartition("0::")[2], path)
            leaf = f"{self.pool}/slot-{slot}"
            self.assertEqual(read(f"{leaf}/memory.max"), "268435456\n")
            self.assertEqual(read(f"{leaf}/memory.oom.group"), "1\n")
            self.assertEqual(read(f"{leaf}/pids.max"), "64\n")
            self.assertEqual(read(f"{leaf}/cpu.max"), "90000 100000\n")
            self.assertEqual(read(f"{self.pool}/keeper/cgroup.procs"), f"{keeper.process.pid}\n")
            self.assertEqual(keeper.kinds(k.FAILURE), [])
            call = keeper.finish(keeper.start(k.order(["/bin/cat", "/proc/self/cgroup"]), lease=(slot, generation)))
            self.assertIn(path.encode(), call.stdout)

    def test_children_write_themselves_into_their_leaf_where_clone3_is_refused(self):
        with self.keeper(before_exec=refuse_clone3) as keeper:
            slot, _ = lease = keeper.lease()
            self.assertEqual(struct.unpack("<4I", keeper.records[0].payload)[2], PLACEMENT_SELF_WRITE)
            call = keeper.finish(keeper.start(k.order(["/bin/cat", "/proc/self/cgroup"]), lease=lease))
            self.assertEqual(call.stdout.decode().strip(), f"0::{self.pool.removeprefix('/sys/fs/cgroup')}/slot-{slot}")

    def test_children_of_a_zygote_are_in_their_leaves_and_it_in_its_own(self):
        given = limits(**{"memory.swap.max": 0, "memory.max": 64 << 20, "pids.max": 20})
        with self.keeper(*given, runtime="python", zygote=[sys.executable, "-I", "-S", FAKE_ZYGOTE]) as keeper:
            call = keeper.run(["/bin/cat", "/proc/self/cgroup"])
            told = {name: read(f"{self.pool}/zygote/{name}").strip() for name in ("memory.swap.max", "memory.max", "pids.max")}
            self.assertEqual(told, {"memory.swap.max": "0", "memory.max": str(64 << 20), "pids.max": "max"})
            self.assertTrue(call.stdout.decode().strip().endswith(f"/slot-{call.slot}"), call.stdout)
            zygote = struct.unpack_from("<I", keeper.kinds(k.ZYGOTE)[0].payload)[0]
            # What it has just forked is there for a moment, on the way to its own leaf.
            keeper.wait(lambda: read(f"{self.pool}/zygote/cgroup.procs") == f"{zygote}\n", what="the zygote alone in its leaf")
            call = keeper.sh("(setsid sleep 100 >/dev/null 2>&1 & echo $!); sleep 100", timeout_ms=1000)
            self.assertEqual(call.end.outcome, k.TIMED_OUT)
            self.assertTrue(k.gone_within(1, [int(call.stdout)]))

    def test_memory_over_its_limit_is_a_limit_hit_and_the_next_task_is_not(self):
        with self.keeper(*HUNGRY, slots=1, parked=1) as keeper:
            hungry = ["/usr/bin/python3", "-I", "-S", "-c", "x = bytearray(200 << 20)\nprint(len(x))"]
            end = keeper.run(hungry, timeout_ms=60000).end
            self.assertEqual((end.outcome, end.limit, end.signal), (k.LIMIT_HIT, k.LIMIT_MEMORY, signal.SIGKILL))
            self.assertGreater(end.memory_peak_bytes, 24 << 20)
            self.assertGreater(end.oom_kills, 0)
            call = keeper.sh("kill -9 $$")
            self.assertEqual((call.end.outcome, call.end.signal), (k.ANSWERED, signal.SIGKILL))
            self.assertLess(call.end.memory_peak_bytes, 24 << 20)
            self.assertEqual(call.end.oom_kills, 0)

    def test_process_count_is_held_and_the_task_answers_by_itself(self):
        with self.keeper(*FEW) as keeper:
            call = keeper.sh("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done 2>/dev/null; wait", timeout_ms=60000,
                             output_grace_ms=100)
            self.assertEqual(call.end.outcome, k.ANSWERED)
            self.assertNotEqual(call.end.exit_code, 0)
            self.assertGreater(call.end.pids_max_hits, 0)

    def test_death_after_a_refused_fork_is_a_limit_hit_and_the_next_death_is_not(self):
        forks = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done 2>/dev/null"
        bomb = f"trap 'kill -ABRT $$' EXIT; {forks}"
        with self.keeper(*FEW, slots=1, parked=1) as keeper:
            end = keeper.sh(bomb, timeout_ms=60000, output_grace_ms=100).end
            self.assertEqual((end.outcome, end.limit, end.signal), (k.LIMIT_HIT, k.LIMIT_PIDS, signal.SIGABRT))
            end = keeper.sh("kill -ABRT $$", timeout_ms=60000).end
            self.assertEqual((end.outcome, end.signal, end.pids_max_hits), (k.ANSWERED, signal.SIGABRT, 0))

    def test_memory_of_all_together_at_its_limit_is_told_apart(self):
        write(f"{self.pool}/memory.max", str(48 << 20))
        with self.keeper(*limits(**{"memory.swap.max": 0, "memory.max": 1 << 30, "memory.oom.group": 1}), slots=1, parked=1) as keeper:
            hungry = ["/usr/bin/python3", "-I", "-S", "-c", "x = bytearray(200 << 20)\nprint(len(x))"]
            end = keeper.run(hungry, timeout_ms=60000).end
            self.assertEqual((end.outcome, end.limit), (k.LIMIT_HIT, k.LIMIT_TOTAL_MEMORY))

    def test_full_tcp_connections_without_end_are_a_memory_hit_and_the_neighbour_answers(self):
        self.expect_memory_hit_and_quiet_neighbour(TCP_BOMB)

    def test_leaf_whose_files_in_memory_were_swapped_out_is_renewed(self):
        fills = f"head -c {8 << 20} /dev/zero > x"
        some_swap = limits(**{"memory.swap.max": 64 << 20, "memory.max": 4 << 20})
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, self.keeper(*some_swap, slots=1, parked=1) as keeper:
            keeper.wait(lambda: keeper.parked, what="a parked process")
            self.assertEqual(keeper.sh(fills, timeout_ms=60000, cwd=folder).end.outcome, k.ANSWERED)
            self.assertGreater(int(read(f"{self.pool}/slot-0/memory.swap.current")), 3 << 20)
            keeper.wait(lambda: keeper.parked, what="the next process")
            self.assertLess(int(read(f"{self.pool}/slot-0/memory.swap.current")), 1 << 20)

    def test_leaf_that_files_in_memory_stay_charged_to_is_renewed_and_a_clean_one_is_kept(self):
        def leaf():
            return os.stat(f"{self.pool}/slot-0").st_ino

        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, self.keeper(*NO_SWAP, slots=1, parked=1) as keeper:
            keeper.wait(lambda: keeper.parked, what="a parked process")
            first = leaf()
            keeper.sh("true", timeout_ms=60000)
            keeper.wait(lambda: keeper.parked, what="the next process")
            self.assertEqual(leaf(), first)
            keeper.sh("head -c 16777216 /dev/zero > x", timeout_ms=60000, cwd=folder)
            keeper.wait(lambda: keeper.parked, what="the next process")
            self.assertNotEqual(leaf(), first)
            self.assertLess(int(read(f"{self.pool}/slot-0/memory.current")), 4 << 20)

    def test_renewed_leaves_are_bounded_while_their_files_stay(self):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, self.keeper(*NO_SWAP, slots=1, parked=1) as keeper:
            for number in range(36):
                keeper.sh(f"head -c 5242880 /dev/zero > x{number}", timeout_ms=60000, cwd=folder)
            dying = dict(line.split() for line in read(f"{self.pool}/cgroup.stat").splitlines())["nr_dying_descendants"]
            self.assertTrue(30 <= int(dying) <= 32, dying)

    def test_spinning_task_is_throttled_to_its_quota(self):
        spin = ["/usr/bin/python3", "-ISc", "while True: pass"]
        with self.keeper(*limits(**{"cpu.max": "20000 100000"}), slots=1, parked=1) as keeper:
            end = keeper.run(spin, timeout_ms=3000).end
            self.assertEqual(end.outcome, k.TIMED_OUT)
            self.assertAlmostEqual(end.cpu_us / (end.run_ns / 1000), 0.2, delta=0.03)
            self.assertGreater(end.throttled_us, 500_000)

    def test_spinning_task_is_ended_at_its_budget_and_an_idle_one_is_not(self):
        spin = ["/usr/bin/python3", "-ISc", "while True: pass"]
        with self.keeper("--cpu-time-max-ms", "1000", slots=2, parked=2) as keeper:
            idle = keeper.start(k.order(["/bin/sleep", "2"]), timeout_ms=60000)
            end = keeper.run(spin, timeout_ms=60000).end
            self.assertEqual((end.outcome, end.limit), (k.LIMIT_HIT, k.LIMIT_CPU))
            self.assertTrue(1_000_000 <= end.cpu_us <= 1_150_000, end.cpu_us)
            self.assertEqual(keeper.finish(idle).end.outcome, k.ANSWERED)

    def test_children_and_daemons_use_up_the_budget_of_their_task(self):
        spin = "/usr/bin/python3 -ISc 'while True: pass'"
        with self.keeper("--cpu-time-max-ms", "600", slots=1, parked=1) as keeper:
            end = keeper.sh(f"{spin} & (setsid {spin} >/dev/null 2>&1 &); sleep 100", timeout_ms=60000).end
            self.assertEqual((end.outcome, end.limit), (k.LIMIT_HIT, k.LIMIT_CPU))
            self.assertTrue(600_000 <= end.cpu_us <= 900_000, end.cpu_us)

    def test_cpu_time_of_the_whole_tree_is_told(self):
        with self.keeper(slots=1, parked=1) as keeper:
            # A daemon, which the hook does not wait for: no rusage has it.
            spin = "import time\nwhile time.process_time() < 0.5: pass\nopen('spun', 'w')"
            text = f"(setsid /usr/bin/python3 -ISc \"{spin}\" &); until [ -e spun ]; do sleep 0.05; done"
            with tempfile.TemporaryDirectory() as folder:
                self.assertGreater(keeper.sh(text, timeout_ms=60000, cwd=folder).end.cpu_us, 500_000)
            self.assertLess(keeper.sh("sleep 0.1", timeout_ms=60000).end.cpu_us, 500_000)

    def test_deadline_kills_by_the_leaf_whatever_left_session_and_parent(self):
        with self.keeper() as keeper:
            other = keeper.start(k.order(["/bin/sleep", "30"]))
            call = keeper.sh("(setsid sleep 100 >/dev/null 2>&1 & echo $!); sleep 100", timeout_ms=1000)
            self.assertEqual(call.end.outcome, k.TIMED_OUT)
            until = time.monotonic() + 2
            while read(f"{self.pool}/slot-{call.slot}/cgroup.procs") and time.monotonic() < until:
                keeper.turn()
            self.assertTrue(k.gone_within(0.5, [int(call.stdout)]))
            self.assertIsNone(other.end)

    def test_daemon_keeps_its_leaf_until_it_ends(self):
        with self.keeper() as keeper:
            call = keeper.sh("(setsid sleep 100 >/dev/null 2>&1 </dev/null & echo $!)")
            self.assertEqual(call.end.outcome, k.ANSWERED)
            keeper.wait(lambda: keeper.kinds(k.LINGERING), what="LINGERING")
            os.kill(int(call.stdout), signal.SIGKILL)
            keeper.wait(lambda: len(keeper.kinds(k.LINGERING)) == 2, what="the end of lingering")

    def test_stop_leaves_no_process_and_no_leaf(self):
        with self.keeper() as keeper:
            keeper.start(k.order(["/bin/sh", "-c", "trap '' TERM; setsid sleep 100 & sleep 100"], ["PATH=/bin:/usr/bin"]))
            time.sleep(0.3)
            self.assertEqual(keeper.stop(), 0)
            self.assertEqual([name for name in os.listdir(self.pool) if name.startswith("slot-")], [])
            self.assertEqual(read(f"{self.pool}/keeper/cgroup.procs"), "")

    def test_missing_controller_is_told_once(self):
        write(f"{self.pool}/cgroup.subtree_control", "-pids")
        with self.keeper(*FEW, slots=3, parked=3) as keeper:
            keeper.wait(lambda: len(keeper.kinds(k.PARKED)) == 3, what="all parked")
            failures = [record.payload[12:] for record in keeper.kinds(k.FAILURE)]
            self.assertEqual(failures, [b"pids.max"])

    def test_answers_in_fifty_calls_without_lingering(self):
        with self.keeper() as keeper:
            for number in range(50):
                self.assertEqual(keeper.sh(f"echo {number}").stdout, f"{number}\n".encode())
            self.assertEqual(keeper.kinds(k.LINGERING), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
