"""The pool: how many are parked, what children inherit, and the end of a keeper with all it has started."""
import os
import signal
import struct
import time
import unittest

from keeper_case import Case, k


class Pool(Case):
    def test_target_grows_and_shrinks_the_number_parked(self):
        with k.Keeper(slots=8, parked=1) as keeper:
            keeper.lease()
            keeper.send(k.TARGET, struct.pack("<III", 5, 8, 0))
            keeper.wait(lambda: len(keeper.kinds(k.PARKED)) == 5, what="five parked")
            keeper.send(k.TARGET, struct.pack("<III", 2, 8, 0))
            keeper.wait(lambda: len(keeper.kinds(k.GONE)) == 3, what="three retired")
            time.sleep(0.1)
            keeper.turn()
            self.assertEqual((len(keeper.kinds(k.PARKED)), len(keeper.kinds(k.GONE))), (5, 3))

    def test_those_that_are_too_many_are_the_longest_parked(self):
        with k.Keeper(slots=8, parked=3) as keeper:
            keeper.wait(lambda: len(keeper.parked) == 3, what="all parked")
            self.answered(keeper.finish(keeper.start(k.order(["/bin/true"]), lease=keeper.lease())))
            keeper.wait(lambda: len(keeper.parked) == 3, what="refill into the first slot that is free")
            newest = keeper.parked[-1]
            self.assertLess(newest[0], max(slot for slot, _ in keeper.parked))
            keeper.send(k.TARGET, struct.pack("<III", 1, 8, 0))
            keeper.wait(lambda: len(keeper.parked) == 1, what="two retired")
            self.assertEqual(keeper.parked, [newest])

    def test_pool_that_keeps_none_parked_starts_at_once_for_a_call_that_waits(self):
        with k.Keeper(slots=8, parked=2) as keeper:
            keeper.wait(lambda: len(keeper.parked) == 2, what="all parked")
            keeper.send(k.TARGET, struct.pack("<III", 0, 8, 0))
            keeper.wait(lambda: not keeper.parked, what="none parked")
            times = []
            for _ in range(4):  # each while the hook before has just begun
                began = time.monotonic()
                keeper.send(k.TARGET, struct.pack("<III", 1, 8, 1))
                lease = keeper.lease()
                times.append(time.monotonic() - began)
                keeper.start(k.order(["/bin/sleep", "5"]), lease=lease)
            self.assertLess(min(times[1:]), 0.015)

    def test_refill_waits_for_the_hooks_of_a_burst_and_not_longer_than_its_bound(self):
        with k.Keeper(slots=8, parked=2) as keeper:
            keeper.wait(lambda: len(keeper.parked) == 2, what="all parked")
            began = time.monotonic()
            call = keeper.start(k.order(["/bin/sleep", "0.5"]))
            keeper.wait(lambda: len(keeper.kinds(k.PARKED)) == 3, what="refill")
            self.assertGreater(time.monotonic() - began, 0.015)
            self.assertIsNone(call.end)
            self.answered(keeper.finish(call))

    def test_refill_does_not_wait_where_a_call_does(self):
        times = []
        for _ in range(3):
            with k.Keeper(slots=8, parked=1) as keeper:
                keeper.start(k.order(["/bin/sleep", "0.5"]))
                began = time.monotonic()
                keeper.send(k.TARGET, struct.pack("<III", 2, 8, 1))
                keeper.wait(lambda: keeper.parked, what="a process for the call that waits")
                times.append(time.monotonic() - began)
        self.assertLess(min(times), 0.015)

    @unittest.skipIf(os.getuid() != 0, "only root may look into a parked process, which hides from its own user")
    def test_parked_process_has_neither_ring_nor_channel_nor_the_data_of_calls(self):
        with k.Keeper(slots=4, parked=2) as keeper:
            secret = keeper.start(k.order(["/bin/sleep", "1"], ["KEY=do-not-inherit-me"]))
            keeper.wait(lambda: len(keeper.kinds(k.PARKED)) == 3, what="a process forked while the call runs")
            for record in keeper.kinds(k.PARKED):
                pid = struct.unpack_from("<I", record.payload)[0]
                if (record.slot, record.generation) == (secret.slot, secret.generation):
                    continue
                fds = {int(fd): os.readlink(f"/proc/{pid}/fd/{fd}").split(":")[0] for fd in os.listdir(f"/proc/{pid}/fd")}
                self.assertEqual(fds, {0: "pipe", 1: "pipe", 2: "pipe", 3: "socket"})
                with open(f"/proc/{pid}/maps") as maps:
                    regions = maps.read()
                self.assertNotIn("memfd", regions)
                with open(f"/proc/{pid}/mem", "rb", 0) as memory:
                    for line in regions.splitlines():
                        start, end = (int(part, 16) for part in line.split()[0].split("-"))
                        if "rw-p" in line and end - start < 1 << 28:  # a sanitizer's shadow is larger
                            memory.seek(start)
                            self.assertNotIn(b"do-not-inherit-me", memory.read(end - start))

    def test_keeper_does_not_spin_while_blocked_lingering_or_idle(self):
        with k.Keeper() as keeper:
            blocked = keeper.start(k.order(["/usr/bin/yes"]), take_output=False)
            keeper.wait(lambda: len(blocked.stdout) == k.WINDOW, what="a full window")
            keeper.sh("sleep 30 >/dev/null 2>&1 & exec >&- 2>&-")
            time.sleep(0.2)
            before = k.cpu_seconds(keeper.process.pid)
            time.sleep(1)
            self.assertLess(k.cpu_seconds(keeper.process.pid) - before, 0.1)

    def test_running_bound_holds_refill_back(self):
        with k.Keeper(slots=8, parked=2) as keeper:
            keeper.send(k.TARGET, struct.pack("<III", 2, 2, 0))
            calls = [keeper.start(k.order(["/bin/sleep", "0.5"])) for _ in range(2)]
            time.sleep(0.2)
            keeper.turn()
            self.assertEqual(len(keeper.kinds(k.PARKED)), 2)
            for call in calls:
                self.answered(keeper.finish(call))
            keeper.wait(lambda: len(keeper.kinds(k.PARKED)) == 4, what="refill")

    @unittest.skipIf(os.getuid() == 0, "root may look anyway")
    def test_keeper_and_parked_processes_are_closed_to_others_of_their_uid(self):
        with k.Keeper() as keeper:
            for pid in (keeper.process.pid, keeper.parked_pid(*keeper.lease())):
                with self.assertRaises(PermissionError):
                    open(f"/proc/{pid}/environ").read()
            own = keeper.sh("cat /proc/self/environ >/dev/null && echo open")
            self.answered(own, 0, b"open\n")

    @unittest.skipIf(os.getuid() != 0, "only root may look into a keeper, which hides from its own user")
    def test_fifty_calls_in_a_row_and_no_descriptor_leaks(self):
        with k.Keeper(slots=4, parked=3) as keeper:
            self.answered(keeper.sh("echo warm"), 0, b"warm\n")
            keeper.wait(lambda: len(keeper.parked) == 3, what="all parked")
            before = len(os.listdir(f"/proc/{keeper.process.pid}/fd"))
            for i in range(50):
                self.answered(keeper.sh(f"echo {i}"), 0, f"{i}\n".encode())
            keeper.wait(lambda: len(keeper.parked) == 3, what="all parked")
            # END is sent a moment before the slot's last descriptor is closed.
            keeper.wait(lambda: len(os.listdir(f"/proc/{keeper.process.pid}/fd")) == before, 2, "as many descriptors as before")


class Death(Case):
    def busy(self, keeper):
        """A parked process, a running one with a child that left, and a lingering one."""
        parked = keeper.parked_pid(*keeper.lease())
        call = keeper.sh("sleep 60 >/dev/null 2>&1 & echo $!")
        running = keeper.start(k.order(["/bin/sh", "-c", "setsid sleep 60 & echo $! $$; wait"], ["PATH=/usr/bin:/bin"]))
        keeper.wait(lambda: running.stdout, what="the running task")
        return [parked, int(call.stdout), *(int(word) for word in running.stdout.split())], running

    def test_stop_kills_all_ends_its_calls_and_exits_0(self):
        with k.Keeper() as keeper:
            pids, running = self.busy(keeper)
            began = time.monotonic()
            self.assertEqual(keeper.stop(), 0)
            self.assertLess(time.monotonic() - began, 0.5)
            self.assertTrue(k.gone_within(0, pids))
            keeper.turn()
            self.assertEqual(running.end.outcome, k.CRASHED)  # nobody cancelled it

    def test_loss_of_the_channel_kills_all_and_exits_69(self):
        with k.Keeper() as keeper:
            pids, _ = self.busy(keeper)
            keeper.channel.close()
            self.assertEqual(keeper.process.wait(1), 69)
            self.assertTrue(k.gone_within(0, pids))

    def test_sigterm_is_an_orderly_stop(self):
        with k.Keeper() as keeper:
            pids, _ = self.busy(keeper)
            keeper.process.terminate()
            self.assertEqual(keeper.process.wait(1), 0)
            self.assertTrue(k.gone_within(0, pids))

    def test_killed_keeper_takes_parked_and_running_processes_with_it(self):
        with k.Keeper() as keeper:
            (parked, lingering, child, running), _ = self.busy(keeper)
            keeper.process.kill()
            keeper.process.wait(1)
            self.assertTrue(k.gone_within(0.5, [parked, running]))
            for orphan in (lingering, child):  # without a cgroup nobody is left to end them
                os.kill(orphan, signal.SIGKILL)

    def test_corrupted_ring_header_exits_70(self):
        with k.Keeper() as keeper:
            pids, _ = self.busy(keeper)
            keeper.down.store(0, 0)
            keeper.doorbell()
            self.assertEqual(keeper.process.wait(1), 70)
            self.assertTrue(k.gone_within(0, pids))

    def test_ring_of_another_generation_is_not_read(self):
        with k.Keeper(generation=8) as keeper:
            self.assertEqual(keeper.process.wait(2), 70)

    def test_ring_file_shorter_than_said_is_refused_before_it_is_touched(self):
        with k.Keeper("--ring-bytes", "1073741824") as keeper:
            self.assertEqual(keeper.process.wait(2), 70)

    def test_records_no_daemon_sends_exit_70(self):
        bad = [(k.END, b"", 0, 1), (k.CANCEL, struct.pack("<I", 15), 99, 1), (k.TARGET, b"x", 0, 0),
               (k.START, bytes(32), 0, 0), (k.START, b"x", 0, 1)]
        for kind, payload, slot, call in bad:
            with self.subTest(kind=kind), k.Keeper() as keeper:
                slot, generation = (slot, 1) if slot else keeper.lease()
                keeper.send(kind, payload, call, slot, generation, k.MORE if payload == b"x" and kind == k.START else 0)
                self.assertEqual(keeper.process.wait(2), 70)

    def test_wrong_command_line_exits_64(self):
        self.assertEqual(os.waitstatus_to_exitcode(os.system(f"{k.KEEPER} --nonsense 2>/dev/null")), 64)


if __name__ == "__main__":
    unittest.main()
