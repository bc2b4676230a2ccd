"""How tasks end: deadline, cancel, a reader that has gone, the cap, background children, slow clients."""
import os
import signal
import struct
import sys
import time
import unittest

from keeper_case import Case, k


class Ends(Case):
    def test_deadline_kills_the_whole_tree(self):
        with k.Keeper() as keeper:
            text = "echo $$; sleep 100 & echo $!; setsid sleep 100 & echo $!; (setsid sleep 100 & echo $!); wait"
            call = keeper.sh(text, timeout_ms=300)
            pids = [int(line) for line in call.stdout.split()]
            self.assertEqual(len(pids), 4)
            self.assertEqual((call.end.outcome, call.end.signal), (k.TIMED_OUT, signal.SIGKILL))
            self.assertGreaterEqual(call.end.run_ns, 290e6)
            self.assertTrue(k.gone_within(0.5, pids))

    def test_deadline_kills_a_daemonised_child_by_its_pipes_though_another_task_runs(self):
        with k.Keeper() as keeper:
            other = keeper.start(k.order(["/bin/sleep", "20"]))
            call = keeper.sh("(setsid sleep 100 & echo $!); sleep 100", timeout_ms=300)
            self.assertEqual(call.end.outcome, k.TIMED_OUT)
            self.assertTrue(k.gone_within(0.5, [int(call.stdout)]))
            self.assertIsNone(other.end)

    def test_deadline_ends_a_stopped_task_that_ignores_signals(self):
        with k.Keeper() as keeper:
            call = keeper.sh("trap '' TERM INT HUP; kill -STOP $$", timeout_ms=200)
            self.assertEqual(call.end.outcome, k.TIMED_OUT)

    def test_cancel_reaches_the_task_which_may_finish_by_itself(self):
        with k.Keeper() as keeper:
            call = keeper.start(k.order(["/bin/sh", "-c", "trap 'echo got; exit 3' TERM; echo up; while :; do sleep 0.01; done"],
                                        ["PATH=/bin"]), cancel_grace_ms=5000)
            keeper.wait(lambda: call.stdout, what="the task's first line")
            keeper.cancel(call, signal.SIGTERM)
            keeper.finish(call, 3)
            self.assertEqual((call.end.outcome, call.end.exit_code, call.stdout), (k.CANCELLED, 3, b"up\ngot\n"))

    def test_cancelled_task_leaves_nothing_that_did_not_hear_the_signal(self):
        with k.Keeper() as keeper:
            call = keeper.start(k.order(["/bin/sh", "-c", "trap '' TERM; sleep 50 & trap - TERM; echo $!; wait"], ["PATH=/bin"]))
            keeper.wait(lambda: call.stdout, what="the task's first line")
            keeper.cancel(call, signal.SIGTERM)
            keeper.finish(call, 3)
            self.assertEqual((call.end.outcome, call.end.signal), (k.CANCELLED, signal.SIGTERM))
            self.assertTrue(k.gone_within(0.5, [int(call.stdout)]))
            self.assertEqual(keeper.kinds(k.LINGERING), [])

    def test_cancel_ignored_is_killed_after_the_grace(self):
        with k.Keeper() as keeper:
            call = keeper.start(k.order(["/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"], ["PATH=/bin"]),
                                cancel_grace_ms=200)
            keeper.wait(lambda: call.stdout, what="the task's first line")
            began = time.monotonic()
            keeper.cancel(call, signal.SIGTERM)
            keeper.finish(call, 3)
            self.assertEqual((call.end.outcome, call.end.signal), (k.CANCELLED, signal.SIGKILL))
            self.assertGreaterEqual(time.monotonic() - began, 0.19)

    def test_cancel_before_the_order_is_read_ends_the_call(self):
        with k.Keeper() as keeper:
            call = keeper.start(k.order(["/bin/echo", "never"]), send_cwd=False)
            keeper.cancel(call, signal.SIGTERM)
            keeper.finish(call, 3)
            self.assertEqual((call.end.outcome, call.stdout), (k.CANCELLED, b""))

    def test_reader_gone_closes_that_pipe_alone_and_the_task_meets_it_itself(self):
        with k.Keeper() as keeper:
            call = keeper.start(k.order(["/bin/bash", "-c", "/usr/bin/yes; echo pipe: $? >&2"]))
            keeper.wait(lambda: len(call.stdout) > 1000, what="output")
            keeper.reader_gone(call, 1)
            keeper.finish(call, 3)
            self.assertEqual((call.end.outcome, call.end.exit_code), (k.ANSWERED, 0))
            self.assertEqual(bytes(call.stderr), b"pipe: 141\n")

    def test_output_over_its_cap_is_cut_there_and_the_task_killed(self):
        with k.Keeper() as keeper:
            call = keeper.run(["/usr/bin/yes"], output_max=100000)
            self.assertEqual((call.end.outcome, call.end.limit), (k.LIMIT_HIT, k.LIMIT_OUTPUT))
            self.assertEqual((len(call.stdout), call.end.stdout_bytes), (100000, 100000))

    def test_output_of_exactly_the_cap_is_answered(self):
        with k.Keeper() as keeper:
            self.answered(keeper.sh("head -c 100000 /dev/zero", output_max=100000), 0, bytes(100000))

    def test_background_child_holding_the_pipes_ends_after_the_grace_and_lingers(self):
        with k.Keeper() as keeper:
            began = time.monotonic()
            call = keeper.sh("sleep 30 & echo $!", output_grace_ms=150)
            took = time.monotonic() - began
            pid = int(call.stdout)
            self.answered(call)
            self.assertTrue(0.14 < took < 5, took)
            self.assertTrue(k.alive(pid))
            keeper.wait(lambda: keeper.kinds(k.LINGERING), what="LINGERING")
            self.assertEqual(struct.unpack("<Ii", keeper.kinds(k.LINGERING)[0].payload)[1], 0)
            os.kill(pid, signal.SIGKILL)
            keeper.wait(lambda: len(keeper.kinds(k.LINGERING)) == 2, what="the end of lingering")
            self.assertEqual(struct.unpack("<Ii", keeper.kinds(k.LINGERING)[1].payload)[1], -1)
            self.assertEqual(keeper.kinds(k.LINGERING)[1].slot, call.slot)

    def test_daemon_that_left_session_and_pipes_lingers_without_delaying_the_answer(self):
        with k.Keeper() as keeper:
            call = keeper.sh("(setsid sleep 30 >/dev/null 2>&1 </dev/null & echo $!)", output_grace_ms=5000)
            self.answered(call)
            self.assertLess(call.end.run_ns, 2e9)
            keeper.wait(lambda: keeper.kinds(k.LINGERING), what="LINGERING")
            pid = int(call.stdout)
            keeper.stop()
            self.assertTrue(k.gone_within(0.5, [pid]))

    def test_too_many_lingering_slots_evict_the_oldest(self):
        with k.Keeper(slots=4, parked=1) as keeper:
            pids = [int(keeper.sh("sleep 30 >/dev/null 2>&1 & echo $!").stdout) for _ in range(4)]
            keeper.wait(lambda: not k.alive(pids[0]), 3, "eviction of the oldest")
            self.assertEqual([k.alive(pid) for pid in pids[1:]], [True, True, True])

    def test_answer_is_whole_though_the_client_is_slow_and_the_grace_short(self):
        with k.Keeper() as keeper:
            call = keeper.start(k.order(["/bin/sh", "-c", "head -c 300000 /dev/zero; exit 4"], ["PATH=/usr/bin:/bin"]),
                                output_grace_ms=20, take_output=False)
            keeper.wait(lambda: len(call.stdout) == k.WINDOW, what="a full window")
            time.sleep(0.3)
            keeper.turn()
            self.assertIsNone(call.end)
            call.take_output = True
            keeper.send(k.OUTPUT_CREDIT, struct.pack("<I", k.WINDOW), call.number, call.slot, call.generation)
            self.answered(keeper.finish(call), 4, bytes(300000))

    def test_spinning_task_is_ended_at_its_budget_without_a_cgroup_too(self):
        spin = [sys.executable, "-ISc", "while True: pass"]
        with k.Keeper("--cpu-time-max-ms", "300") as keeper:
            idle = keeper.start(k.order(["/bin/sleep", "1"]))
            end = keeper.run(spin).end
            self.assertEqual((end.outcome, end.limit), (k.LIMIT_HIT, k.LIMIT_CPU))
            self.assertTrue(290_000 <= end.cpu_us <= 600_000, end.cpu_us)
            self.assertEqual(keeper.finish(idle).end.outcome, k.ANSWERED)

    def test_memory_of_a_tree_over_its_limit_is_found_without_a_cgroup_and_shared_pages_count_once(self):
        hungry = f"{sys.executable} -ISc 'import time; x = bytearray(60 << 20); time.sleep(20)'"
        shared = "import os, time; x = bytearray(60 << 20); [os.fork() for _ in range(2)]; time.sleep(1.5)"
        with k.Keeper("--memory-poll-max-bytes", str(100 << 20)) as keeper:
            sharing = keeper.start(k.order([sys.executable, "-ISc", shared]))
            end = keeper.sh(f"{hungry} & {hungry}").end
            self.assertEqual((end.outcome, end.limit), (k.LIMIT_HIT, k.LIMIT_MEMORY))
            self.assertLess(end.run_ns, 5e9)
            self.assertEqual(keeper.finish(sharing).end.outcome, k.ANSWERED)

    def test_children_use_up_the_budget_of_their_task_without_a_cgroup_too(self):
        text = f"{sys.executable} -ISc 'while True: pass' & echo $!; wait"
        with k.Keeper("--cpu-time-max-ms", "300") as keeper:
            call = keeper.sh(text)
            self.assertEqual((call.end.outcome, call.end.limit), (k.LIMIT_HIT, k.LIMIT_CPU))
            self.assertTrue(k.gone_within(1, [int(call.stdout)]))


if __name__ == "__main__":
    unittest.main()
