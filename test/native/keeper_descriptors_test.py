"""A keeper at its limit of descriptors: it cannot take the folder of a call, and everything else goes on. And one that is sent a
folder which no call wants."""
import array
import os
import resource
import select
import signal
import socket
import struct
import unittest

from keeper_case import Case, k

class AtItsLimit(Case):
    def setUp(self):
        self.keeper = k.Keeper(slots=4, parked=3)
        self.addCleanup(self.keeper.__exit__)
        self.running = self.keeper.start(k.order(["/bin/cat"]), b"all ", complete=False)
        self.keeper.wait(lambda: self.running.stdout, what="a hook that runs")
        self.leases = [self.keeper.lease() for _ in range(2)]
        self.files = resource.prlimit(self.keeper.process.pid, resource.RLIMIT_NOFILE)
        self.limit(0)

    def limit(self, files):
        resource.prlimit(self.keeper.process.pid, resource.RLIMIT_NOFILE, (files, self.files[1]))

    def drained(self):
        self.keeper.wait_for_channel()

    def not_started_and_all_else_well(self, call):
        self.keeper.finish(call)
        self.assertEqual((call.not_started, call.end, call.stdout), (k.NOT_STARTED_GONE, None, b""))
        self.limit(self.files[0])
        self.answered(self.keeper.run(["/bin/pwd"], cwd="/usr", lease=self.leases[1]), 0, b"/usr\n")
        self.keeper.stdin(self.running, b"of it", end=True)
        self.answered(self.keeper.finish(self.running), 0, b"all of it")
        self.answered(self.keeper.sh("echo next"), 0, b"next\n")

    def test_folder_lost_before_its_start_is_read(self):
        ahead = k.Call(self.keeper.next_call, *self.leases[0], True)
        self.keeper.send_cwd(ahead)
        self.drained()
        self.not_started_and_all_else_well(
            self.keeper.start(k.order(["/bin/echo", "never"]), lease=self.leases[0], send_cwd=False))

    def test_folder_lost_after_its_start_was_read(self):
        call = self.keeper.start(k.order(["/bin/echo", "never"]), lease=self.leases[0], send_cwd=False)
        self.keeper.wait(lambda: self.keeper.down.load(k.HEAD) == self.keeper.down.own, what="START to be consumed")
        self.keeper.send_cwd(call)
        self.not_started_and_all_else_well(call)

    def test_folder_lost_of_one_call_is_not_taken_for_that_of_another(self):
        lost = k.Call(self.keeper.next_call + 1, *self.leases[0], True)
        self.keeper.send_cwd(lost)
        self.drained()
        self.limit(self.files[0])
        self.answered(self.keeper.run(["/bin/pwd"], cwd="/usr", lease=self.leases[1]), 0, b"/usr\n")
        self.assertEqual(self.keeper.next_call, lost.number)
        call = self.keeper.start(k.order(["/bin/echo", "never"]), lease=self.leases[0], send_cwd=False)
        self.assertEqual(self.keeper.finish(call).not_started, k.NOT_STARTED_GONE)

    def test_call_that_is_tried_again_brings_its_folder_again(self):
        lost = k.Call(self.keeper.next_call, *self.leases[0], True)
        self.keeper.send_cwd(lost)
        self.drained()
        self.limit(self.files[0])
        self.keeper.send_cwd(lost, "/usr")
        self.drained()
        call = self.keeper.start(k.order(["/bin/pwd"]), lease=self.leases[0], send_cwd=False)
        self.answered(self.keeper.finish(call), 0, b"/usr\n")

    def test_many_lost_ones_leave_room_for_the_next(self):
        for number in range(1000, 1600):
            self.keeper.send_cwd(k.Call(number, *self.leases[0], True))
            self.drained()
        self.limit(self.files[0])
        self.answered(self.keeper.run(["/bin/pwd"], cwd="/usr", lease=self.leases[0]), 0, b"/usr\n")
        self.keeper.cancel(self.running, signal.SIGKILL)
        self.assertEqual(self.keeper.finish(self.running).end.outcome, k.CANCELLED)


class Unwanted(Case):
    def test_folder_whose_start_never_comes_is_given_up_in_time_though_nothing_else_happens(self):
        kept_s = 10  # CALL_FDS_KEPT_MS
        with k.Keeper(slots=1, parked=1) as keeper:
            slot, generation = keeper.lease()
            ours, theirs = os.pipe()  # its other end tells when the keeper's is closed
            self.addCleanup(os.close, ours)
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs]))]
            keeper.channel.sendmsg([struct.pack("<Q", keeper.next_call)], rights)
            os.close(theirs)
            self.assertEqual(select.select([ours], [], [], 1)[0], [])
            self.assertEqual(select.select([ours], [], [], kept_s + 10)[0], [ours])
            self.answered(keeper.run(["/bin/pwd"], cwd="/usr", lease=(slot, generation)), 0, b"/usr\n")


if __name__ == "__main__":
    unittest.main()
