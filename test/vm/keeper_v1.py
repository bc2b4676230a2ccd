"""The keeper on a hybrid host: limits by cgroup v1, holding and killing by the v2 tree beside it. As root, in a guest with
that layout: `python3 test/vm/keeper_v1.py`."""
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures"))
import keeper_driver as k  # noqa: E402
from keeper_hostile import FAKE_ZYGOTE, MEMORY_MAX_BYTES, PYTHON, SLACK_BYTES, TCP_BOMB, Hostile  # noqa: E402

ROOT = "/sys/fs/cgroup"
FOLDERS = {"memory": "memory", "pids": "pids", "cpu": "cpu,cpuacct", "cpuacct": "cpu,cpuacct"}


def limits(**files):
    return [word for file, text in files.items() for word in ("--limit", f"{file}={text}")]


class V1(Hostile, unittest.TestCase):
    pools = 0

    def setUp(self):
        V1.pools += 1
        self.pool = f"pool{V1.pools}"
        folders = [f"{ROOT}/unified/{self.pool}", *(f"{ROOT}/{folder}/{self.pool}" for folder in FOLDERS.values())]
        for folder in folders:
            os.makedirs(folder, exist_ok=True)
        self.fds = [os.open(folder, os.O_RDONLY | os.O_DIRECTORY) for folder in folders]

    def tearDown(self):
        for fd in self.fds:
            os.close(fd)

    def keeper(self, *options, **rest):
        controllers = [word for name, fd in zip(FOLDERS, self.fds[1:]) for word in ("--controller", f"{name}={fd}")]
        return k.Keeper("--cgroup", str(self.fds[0]), *controllers, *options, pass_fds=self.fds, **rest)

    def memory(self, bytes_max):
        return limits(**{"memory.limit_in_bytes": bytes_max, "memory.memsw.limit_in_bytes": bytes_max,
                         "memory.kmem.tcp.limit_in_bytes": bytes_max})

    def pids(self, count):
        return limits(**{"pids.max": count})

    def leaf_file(self, tree, slot, file):
        with open(f"{ROOT}/{tree}/{self.pool}/slot-{slot}/{file}") as text:
            return text.read()

    def leaf_members(self, tree, slot):
        try:
            return self.leaf_file(tree, slot, "cgroup.procs")
        except OSError:  # it is being renewed
            return ""

    def members_of(self, slot):
        return "".join(self.leaf_members(tree, slot) for tree in ("unified", *FOLDERS.values()))

    def expect_in_every_tree(self, call):
        paths = {line.split(":")[1]: line.split(":")[2] for line in call.stdout.decode().splitlines()}
        for tree in ("", "memory", "pids", "cpu,cpuacct"):
            self.assertEqual(paths[tree], f"/{self.pool}/slot-{call.slot}")

    def test_tasks_are_in_their_leaf_of_every_hierarchy(self):
        with self.keeper(*self.memory(64 << 20), *self.pids(30)) as keeper:
            call = keeper.run(["/bin/cat", "/proc/self/cgroup"])
            self.expect_in_every_tree(call)
            self.assertEqual(self.leaf_file("memory", call.slot, "memory.limit_in_bytes"), f"{64 << 20}\n")
            self.assertEqual(self.leaf_file("pids", call.slot, "pids.max"), "30\n")
            self.assertEqual(keeper.kinds(k.FAILURE), [])

    def test_so_are_the_children_of_a_zygote(self):
        with self.keeper(runtime="python", zygote=[PYTHON, "-I", "-S", FAKE_ZYGOTE]) as keeper:
            self.expect_in_every_tree(keeper.run(["/bin/cat", "/proc/self/cgroup"]))

    def test_spinning_task_is_throttled_to_its_quota(self):
        quota = limits(**{"cpu.cfs_period_us": 100000, "cpu.cfs_quota_us": 20000})
        with self.keeper(*quota, slots=1, parked=1) as keeper:
            end = keeper.run([PYTHON, "-ISc", "while True: pass"], timeout_ms=3000).end
            self.assertEqual(end.outcome, k.TIMED_OUT)
            self.assertAlmostEqual(end.cpu_us / (end.run_ns / 1000), 0.2, delta=0.03)
            self.assertGreater(end.throttled_us, 500_000)

    def test_spinning_task_is_ended_at_its_budget(self):
        with self.keeper("--cpu-time-max-ms", "500", slots=1, parked=1) as keeper:
            end = keeper.run([PYTHON, "-ISc", "while True: pass"], timeout_ms=60000).end
            self.assertEqual((end.outcome, end.limit), (k.LIMIT_HIT, k.LIMIT_CPU))
            self.assertTrue(500_000 <= end.cpu_us <= 650_000, end.cpu_us)

    def test_full_tcp_connections_without_end_are_held_below_a_limit_of_their_own(self):
        self.assertTrue(0 < int(self.held_below_maximum(TCP_BOMB)) <= MEMORY_MAX_BYTES + SLACK_BYTES)

    def test_renewed_leaves_are_bounded_while_their_files_stay(self):
        leaf = f"{ROOT}/memory/{self.pool}/slot-0"
        seen = []
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, self.keeper(slots=1, parked=1) as keeper:
            for number in range(36):
                keeper.wait(lambda: keeper.parked, what="the next process")
                seen.append(os.stat(leaf).st_ino)
                keeper.sh(f"head -c 5242880 /dev/zero > x{number}", timeout_ms=60000, cwd=folder)
        self.assertEqual(len(set(seen[:33])), 33)
        self.assertEqual(len(set(seen[32:])), 1)

    def test_stop_leaves_no_leaf_in_any_hierarchy(self):
        with self.keeper() as keeper:
            keeper.start(k.order(["/bin/sh", "-c", "setsid sleep 100 & sleep 100"], ["PATH=/bin:/usr/bin"]))
            keeper.turn()
            self.assertEqual(keeper.stop(), 0)
        for tree in ("unified", *FOLDERS.values()):
            names = os.listdir(f"{ROOT}/{tree}/{self.pool}")
            self.assertEqual([name for name in names if name.startswith("slot-")], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
