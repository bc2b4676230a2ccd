"""The keeper and its exec processes, driven as the daemon drives them: answers and refusals."""
import os
import signal
import struct
import tempfile
import time
import unittest

from keeper_case import Case, k


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


if __name__ == "__main__":
    unittest.main()
