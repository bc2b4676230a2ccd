"""The keeper and its exec processes, driven as the daemon drives them. `python3 test/native/keeper_test.py`; KEEPER names
another binary than bin/supervisor-keeper."""
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


class Case(unittest.TestCase):
    def answered(self, call, exit_code=0, stdout=None, stderr=b""):
        self.assertIsNone(call.not_started)
        self.assertEqual((call.end.outcome, call.end.exit_code, call.end.signal), (k.ANSWERED, exit_code, 0), call.stderr)
        if stdout is not None:
            self.assertEqual(call.stdout, stdout)
        if stderr is not None:
            self.assertEqual(call.stderr, stderr)


class Answers(Case):
    def test_hello_is_first_and_a_generation_begins_with_parked(self):
        with k.Keeper(slots=2, parked=2) as keeper:
            slot, generation = keeper.lease()
            first = keeper.records[0]
            self.assertEqual(first.kind, k.HELLO)
            self.assertEqual(struct.unpack("<4I", first.payload), (keeper.process.pid, 1, 0, 2))
            self.assertEqual(generation, 1)
            call = keeper.finish(keeper.start(k.order(["/bin/true"]), lease=(slot, generation)))
            self.answered(call, 0, b"")
            keeper.wait(lambda: any(s == slot for s, _ in keeper.parked), what="the slot's next process")
            self.assertIn((slot, 2), keeper.parked)
            of_slot = [r.kind for r in keeper.records if r.slot == slot]
            self.assertEqual(of_slot, [k.PARKED, k.END, k.PARKED])

    def test_echo_with_input_and_both_streams(self):
        with k.Keeper() as keeper:
            call = keeper.sh("cat; echo err >&2; exit 7", stdin=b'{"a":1}')
            self.answered(call, 7, b'{"a":1}', b"err\n")
            self.assertEqual((call.end.stdout_bytes, call.end.stderr_bytes), (7, 4))
            self.assertGreater(call.end.run_ns, 0)
            self.assertGreater(call.end.memory_peak_bytes, 100000)

    def test_exit_codes_and_signals(self):
        with k.Keeper() as keeper:
            for code in (0, 1, 2, 126, 127, 255):
                self.answered(keeper.sh(f"exit {code}"), code, b"")
            for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV):
                end = keeper.sh(f"kill -{int(number)} $$").end
                self.assertEqual((end.outcome, end.signal), (k.ANSWERED, number))

    def test_program_finds_only_its_three_streams_a_session_and_default_signals(self):
        script = (b"import os,signal,sys\n"
                  b"print(sorted(os.listdir('/proc/self/fd')), os.getsid(0)==os.getpid(), os.getpgid(0)==os.getpid())\n"
                  b"s=dict(l.split(':',1) for l in open('/proc/self/status') if ':' in l)\n"
                  b"print(s['SigBlk'].strip(), s['SigCgt'].strip()[-4:], os.getcwd(), oct(os.umask(0)))\n"
                  b"print(all(os.get_blocking(f) for f in (0,1,2)))\n")
        with k.Keeper() as keeper:
            call = keeper.run(["/usr/bin/python3", "-I", "-S", "-"], stdin=script, cwd="/usr", umask=0o027)
            lines = call.stdout.decode().splitlines()
            # The listing has one descriptor of its own.
            self.assertEqual(lines[0], "['0', '1', '2', '3'] True True")
            self.assertEqual(lines[1], "0000000000000000 0002 /usr 0o27")
            self.assertEqual(lines[2], "True")

    def test_environment_is_exact_in_order_and_bytes(self):
        with k.Keeper() as keeper:
            env = ["B=2", "A=1", "EMPTY=", "B=again", "BYTES=\udcff\udc80"]
            call = keeper.run(["/usr/bin/env"], env=env)
            self.assertEqual(call.stdout, b"B=2\nA=1\nEMPTY=\nB=again\nBYTES=\xff\x80\n")

    def test_inherited_limits_nice_and_ignored_signals(self):
        with k.Keeper() as keeper:
            call = keeper.sh("ulimit -Sn; ulimit -Hn; ulimit -c; nice; grep SigIgn /proc/self/status",
                             limits={7: (77, 99), 4: (1 << 20, 1 << 20)}, nice=5, ignored=1 << (signal.SIGHUP - 1))
            self.answered(call, 0, b"77\n99\n0\n5\nSigIgn:\t0000000000000001\n")

    def test_merged_output_keeps_the_order_of_writes(self):
        with k.Keeper() as keeper:
            call = keeper.sh("echo 1; echo 2 >&2; echo 3; echo 4 >&2", flags=k.MERGED)
            self.answered(call, 0, b"1\n2\n3\n4\n", b"")

    def test_missing_program_is_127_and_forbidden_is_126(self):
        with k.Keeper() as keeper:
            self.answered(keeper.run(["/no/such"]), 127, b"", b"supervisor-hook: /no/such: No such file or directory\n")
            self.answered(keeper.run(["/etc/passwd"]), 126, b"", b"supervisor-hook: /etc/passwd: Permission denied\n")

    def test_script_without_interpreter_line_is_run_by_sh(self):
        with k.Keeper() as keeper, tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x")
            with open(path, "w") as script:
                script.write('echo "$0" "$1"\n')
            os.chmod(path, 0o755)
            self.answered(keeper.run([path, "arg"]), 0, f"{path} arg\n".encode())
            self.answered(keeper.run(["./x", "arg"], cwd=folder), 0, b"./x arg\n")

    def test_ten_mebibytes_in_and_out_within_the_window(self):
        data = os.urandom(10 << 20)
        with k.Keeper() as keeper:
            call = keeper.start(k.order(["/bin/cat"]), stdin=data[:k.WINDOW], complete=False)
            sent = k.WINDOW
            while sent < len(data):
                keeper.wait(lambda: sent - call.credited < k.WINDOW, what="stdin credit")
                piece = data[sent:sent + min(65536, k.WINDOW - (sent - call.credited))]
                keeper.stdin(call, piece)
                sent += len(piece)
            keeper.stdin(call, end=True)
            keeper.finish(call)
            self.answered(call)
            self.assertEqual(call.stdout, data)

    def test_unread_input_is_dropped_and_credited(self):
        with k.Keeper() as keeper:
            call = keeper.start(k.order(["/bin/sh", "-c", "exec <&-; sleep 0.3; echo done"]), b"x" * k.WINDOW, complete=False)
            keeper.wait(lambda: call.credited == k.WINDOW, what="credit for dropped bytes")
            keeper.stdin(call, b"y" * 1000)
            keeper.wait(lambda: call.credited == k.WINDOW + 1000, what="credit for late bytes")
            self.answered(keeper.finish(call), 0, b"done\n")

    def test_one_mebibyte_of_environment_in_fragments(self):
        big = [f"V{i}=" + "v" * 100000 for i in range(10)]
        with k.Keeper() as keeper:
            call = keeper.run(["/usr/bin/env"], env=big)
            self.answered(call, 0, "".join(f"{v}\n" for v in big).encode())

    def test_start_waits_for_its_cwd(self):
        with k.Keeper() as keeper:
            call = keeper.start(k.order(["/bin/pwd"]), send_cwd=False)
            other = keeper.run(["/bin/echo", "not held up"])
            self.answered(other, 0, b"not held up\n")
            self.assertIsNone(call.end)
            keeper.send_cwd(call, "/usr")
            self.answered(keeper.finish(call), 0, b"/usr\n")

    def test_small_ring_and_slow_reader_lose_nothing(self):
        with k.Keeper(ring_bytes=1 << 18, slots=4, parked=4) as keeper:
            calls = [keeper.start(k.order(["/bin/sh", "-c", f"head -c 1000000 /dev/zero | tr '\\0' {c}; exit {i}"],
                                          ["PATH=/usr/bin:/bin"]), take_output=False) for i, c in enumerate("abcd")]
            time.sleep(0.5)  # the ring fills: 4 x 256 KiB of window against 256 KiB of ring
            for call in calls:
                keeper.turn()
                self.assertLessEqual(len(call.stdout), k.WINDOW)
                call.take_output = True
                keeper.send(k.OUTPUT_CREDIT, struct.pack("<I", len(call.stdout)), call.number, call.slot, call.generation)
            for i, call in enumerate(calls):
                keeper.finish(call)
                self.answered(call, i, "abcd"[i].encode() * 1000000)


class Refusals(Case):
    def test_parked_process_killed_is_gone_and_replaced(self):
        with k.Keeper(slots=2, parked=1) as keeper:
            slot, generation = keeper.lease()
            os.kill(keeper.parked_pid(slot, generation), signal.SIGKILL)
            keeper.wait(lambda: keeper.kinds(k.GONE), what="GONE")
            gone = keeper.kinds(k.GONE)[0]
            self.assertEqual((gone.slot, gone.generation), (slot, generation))
            self.assertEqual(struct.unpack("<Ii", gone.payload)[1], signal.SIGKILL)
            self.answered(keeper.sh("echo next"), 0, b"next\n")

    def test_killed_with_its_order_unread_did_not_start(self):
        with k.Keeper(slots=2, parked=1) as keeper:
            lease = keeper.lease()
            pid = keeper.parked_pid(*lease)
            os.kill(pid, signal.SIGSTOP)
            call = keeper.start(k.order(["/bin/echo", "never"]), lease=lease)
            keeper.wait(lambda: keeper.down.load(k.HEAD) == keeper.down.own, what="START consumed")
            time.sleep(0.05)
            os.kill(pid, signal.SIGKILL)
            keeper.finish(call)
            self.assertEqual((call.not_started, call.end, call.stdout), (k.NOT_STARTED_GONE, None, b""))
            self.answered(keeper.sh("echo next"), 0, b"next\n")

    def test_old_generation_and_empty_slot_are_gone(self):
        with k.Keeper(slots=2, parked=1) as keeper:
            slot, generation = keeper.lease()
            call = keeper.finish(keeper.start(k.order(["/bin/true"]), lease=(slot, generation + 5)))
            self.assertEqual(call.not_started, k.NOT_STARTED_GONE)
            call = keeper.finish(keeper.start(k.order(["/bin/true"]), lease=(1, 1)))
            self.assertEqual(call.not_started, k.NOT_STARTED_GONE)

    def test_what_cannot_be_run_faithfully_is_declined(self):
        with k.Keeper() as keeper:
            self.assertEqual(keeper.run(["/bin/true"], mode=1).not_started, k.NOT_STARTED_DECLINED)
            self.assertEqual(keeper.run(["/bin/true"], limits={7: (100, 50)}).not_started, k.NOT_STARTED_DECLINED)
            self.answered(keeper.sh("echo next"), 0, b"next\n")

    def test_inconsistent_order_is_bad_and_costs_only_its_process(self):
        with k.Keeper(slots=2) as keeper:
            body = bytearray(k.order(["/bin/true"]))
            struct.pack_into("<I", body, 32, 0xFFFFFFF0)  # env_bytes
            call = keeper.finish(keeper.start(bytes(body)))
            self.assertEqual(call.not_started, k.NOT_STARTED_BAD)
            self.answered(keeper.sh("echo next"), 0, b"next\n")

    def test_argument_count_that_lies_is_declined(self):
        with k.Keeper() as keeper:
            body = bytearray(k.order(["/bin/echo", "x"]))
            struct.pack_into("<I", body, 20, 3)  # argc
            call = keeper.finish(keeper.start(bytes(body)))
            self.assertEqual(call.not_started, k.NOT_STARTED_DECLINED)


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


class Pool(Case):
    def test_target_grows_and_shrinks_the_number_parked(self):
        with k.Keeper(slots=8, parked=1) as keeper:
            keeper.lease()
            keeper.send(k.TARGET, struct.pack("<II", 5, 8))
            keeper.wait(lambda: len(keeper.kinds(k.PARKED)) == 5, what="five parked")
            keeper.send(k.TARGET, struct.pack("<II", 2, 8))
            keeper.wait(lambda: len(keeper.kinds(k.GONE)) == 3, what="three retired")
            time.sleep(0.1)
            keeper.turn()
            self.assertEqual((len(keeper.kinds(k.PARKED)), len(keeper.kinds(k.GONE))), (5, 3))

    @unittest.skipIf(os.getuid() != 0, "a parked process is hidden")
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
            keeper.send(k.TARGET, struct.pack("<II", 2, 2))
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

    @unittest.skipIf(os.getuid() != 0, "the keeper's descriptors are hidden")
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
            self.assertEqual(running.end.outcome, k.CANCELLED)

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
            (parked, _, _, running), _ = self.busy(keeper)
            keeper.process.kill()
            keeper.process.wait(1)
            self.assertTrue(k.gone_within(0.5, [parked, running]))

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
    unittest.main(verbosity=1)
