"""Resident workers: a task that gets the ends of a channel of its own, and stays."""
import os
import resource
import shutil
import socket
import subprocess
import unittest

from confine_case import confined, needs_all_layers
from keeper_case import Case, k

PYTHON = confined.PYTHON
PATH = "PATH=/usr/bin:/bin"
NODE = shutil.which("node", path="/usr/local/bin:/usr/bin:/bin") or shutil.which("node")
# Says which descriptors it has, and by the channel what lies in the ring.
TALKER = f"""import mmap, os, socket
fds = sorted(int(name) for name in os.listdir('/proc/self/fd'))
sock = socket.socket(fileno={k.PEER_SOCKET_FD})
ring = mmap.mmap({k.PEER_RING_FD}, 4096)
sock.send(bytes(ring[:4]) + b' ' + b','.join(b'%d' % fd for fd in fds[:5]) + b' ' + str(len(fds)).encode())
sock.recv(16)
"""


class Resident(Case):
    def setUp(self):
        self.ring = os.memfd_create("peer")
        os.ftruncate(self.ring, 4096)
        os.pwrite(self.ring, b"ours", 0)
        self.socket, self.far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(os.close, self.ring)
        self.addCleanup(self.socket.close)
        self.addCleanup(self.far.close)
        self.socket.settimeout(10)

    def ends(self):
        return (self.ring, self.far.fileno())

    def start(self, keeper, argv=(PYTHON, "-I", "-S", "-c", TALKER), flags=k.RESIDENT | k.PEER_ENDS, **rest):
        body = k.order(argv, [PATH], flags=flags, **rest.pop("state", {}))
        return keeper.start(body, timeout_ms=0, output_max=(1 << 53) - 1, **{"peer_ends": self.ends(), **rest})

    def talks(self, keeper, call):
        keeper.wait(lambda: keeper.down.load(k.HEAD) == keeper.down.own, what="START to be consumed")
        # 0 to 4, and the listing of its own descriptors: nothing else came along.
        self.assertEqual(self.socket.recv(100), b"ours 0,1,2,3,4 6")
        self.assertIsNone(call.end)
        self.socket.send(b"go")
        self.answered(keeper.finish(call), 0, b"")

    def test_ring_and_socket_are_at_their_numbers_and_nothing_else_is_there(self):
        with k.Keeper() as keeper:
            self.talks(keeper, self.start(keeper))

    @needs_all_layers
    def test_so_it_is_above_contained(self):
        project = confined.Folder()
        self.addCleanup(project.remove)
        for level in confined.LEVELS:
            with self.subTest(level=level), k.Keeper(*confined.options(level, write=[str(project)])) as keeper:
                self.talks(keeper, self.start(keeper, cwd=str(project)))

    def test_they_may_come_before_their_start(self):
        with k.Keeper() as keeper:
            lease = keeper.lease()
            keeper.send_cwd(k.Call(keeper.next_call, *lease, True), peer_ends=self.ends())
            self.talks(keeper, self.start(keeper, lease=lease, send_cwd=False))

    def test_an_order_with_other_descriptors_than_it_announces_does_not_start(self):
        for flags, ends in ((k.PEER_ENDS, ()), (0, self.ends())):
            with self.subTest(flags=flags), k.Keeper() as keeper:
                call = keeper.finish(self.start(keeper, ["/bin/echo", "never"], flags=flags, peer_ends=ends))
                self.assertEqual((call.not_started, call.stdout), (k.NOT_STARTED_GONE, b""))
                self.answered(keeper.sh("echo next"), 0, b"next\n")

    def test_two_descriptors_are_no_message_of_a_daemon(self):
        with k.Keeper() as keeper:
            self.start(keeper, ["/bin/echo"], peer_ends=self.ends()[:1])
            self.assertEqual(keeper.process.wait(5), 70)

    def test_descriptors_whose_start_is_refused_are_closed_at_once(self):
        with k.Keeper(parked=1) as keeper:
            slot, generation = keeper.lease()
            refused = (slot, generation + 1)
            keeper.send_cwd(k.Call(keeper.next_call, *refused, True), peer_ends=self.ends())
            keeper.wait_for_channel()
            self.far.close()
            call = keeper.finish(self.start(keeper, lease=refused, send_cwd=False, peer_ends=()))
            self.assertEqual(call.not_started, k.NOT_STARTED_GONE)
            self.assertEqual(self.socket.recv(1), b"", "nobody holds the other end")

    def test_descriptors_that_the_keeper_cannot_have_all_are_none_and_nobody_else_is_touched(self):
        with k.Keeper(parked=2) as keeper:
            pid, leases = keeper.process.pid, [keeper.lease(), keeper.lease()]
            soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            taken = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
            first_free = next(number for number in range(hard) if number not in taken)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (first_free + 1, hard))  # room for one of three
            call = keeper.finish(self.start(keeper, ["/bin/echo", "never"], lease=leases[0]))
            self.assertEqual((call.not_started, call.stdout), (k.NOT_STARTED_GONE, b""))
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
            self.talks(keeper, self.start(keeper, lease=leases[1]))

    def test_a_node_does_not_take_them(self):
        zygote = [NODE, "node", "--require", os.path.join(k.ROOT, "dist/workers/node/park.cjs"), "--", "-hook"]
        with k.Keeper(runtime="node", zygote=zygote, parked=1) as keeper:
            call = keeper.finish(self.start(keeper, ["node", "/no/script"], state={"mode": 1, "program_index": 1}))
            self.assertEqual(call.not_started, k.NOT_STARTED_BAD)

    def test_what_a_resident_has_started_ends_with_it(self):
        for flags, lingers in ((0, True), (k.RESIDENT, False)):
            with self.subTest(flags=flags), k.Keeper() as keeper:
                text = "sleep 30 >/dev/null 2>&1 & echo $!"
                call = keeper.finish(self.start(keeper, ["/bin/sh", "-c", text], flags=flags, peer_ends=()))
                child = int(call.stdout)
                self.addCleanup(subprocess.run, ["kill", str(child)], stderr=subprocess.DEVNULL)
                self.assertEqual(not k.gone_within(0.5, [child]), lingers)

    def test_the_cpu_time_of_a_task_does_not_bind_a_resident(self):
        spin = "end = __import__('time').process_time() + 1\nwhile __import__('time').process_time() < end: pass\n"
        for flags, outcome in ((0, k.LIMIT_HIT), (k.RESIDENT, k.ANSWERED)):
            with self.subTest(flags=flags), k.Keeper("--cpu-time-max-ms", "200") as keeper:
                call = self.start(keeper, [PYTHON, "-I", "-S", "-c", spin], flags=flags, peer_ends=())
                self.assertEqual(keeper.finish(call).end.outcome, outcome)


if __name__ == "__main__":
    unittest.main()
