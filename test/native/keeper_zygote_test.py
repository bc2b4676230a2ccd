"""The keeper with a zygote, a well-behaved one and others. `python3 test/native/keeper_zygote_test.py`."""
import os
import signal
import struct
import sys
import sys
import time
import unittest

from keeper_case import k

STAGE_FORK, STAGE_READY, STAGE_ZYGOTE_EXEC = 5, 12, 17
ZYGOTE = [sys.executable, "-I", "-S", os.path.join(os.path.dirname(os.path.abspath(__file__)), "keeper_fake_zygote.py")]


def keeper(behaviour="", zygote=ZYGOTE, **rest):
    os.environ["FAKE"] = behaviour  # the keeper's environment is the zygote's
    return k.Keeper(runtime="python", zygote=zygote, **rest)


def failures(driver):
    return [struct.unpack_from("<Ii", record.payload) + (record.payload[12:],) for record in driver.kinds(k.FAILURE)]


class Zygotes(unittest.TestCase):
    def test_task_of_a_forked_process_is_answered_and_measured(self):
        with keeper() as driver:
            call = driver.sh("echo out; echo err >&2; cat; exit 3", stdin=b"in")
            self.assertEqual((call.end.outcome, call.end.exit_code), (k.ANSWERED, 3))
            self.assertEqual((call.stdout, call.stderr), (b"out\nin", b"err\n"))
            self.assertEqual([driver.records[0].kind, driver.records[1].kind], [k.HELLO, k.ZYGOTE])
            for number in range(10):
                self.assertEqual(driver.sh(f"exit {number}").end.exit_code, number)
            driver.wait(lambda: len(driver.parked) == 2, what="all parked")
            self.assertEqual(driver.kinds(k.LINGERING), [])

    def test_zygote_death_leaves_its_parked_children_usable_and_starts_another(self):
        with keeper() as driver:
            driver.wait(lambda: len(driver.parked) == 2, what="all parked")
            pid, generation, status = struct.unpack("<IIi", driver.kinds(k.ZYGOTE)[0].payload)
            self.assertEqual((generation, status), (1, -1))
            os.kill(pid, signal.SIGKILL)
            driver.wait(lambda: len(driver.kinds(k.ZYGOTE)) == 2, what="ZYGOTE of its death")
            self.assertEqual(struct.unpack("<IIi", driver.kinds(k.ZYGOTE)[1].payload), (0, 1, signal.SIGKILL))
            for _ in range(2):
                self.assertEqual(driver.sh("exit 5").end.exit_code, 5)
            driver.wait(lambda: len(driver.parked) == 2, what="children of the next zygote")
            self.assertEqual(struct.unpack_from("<II", driver.kinds(k.ZYGOTE)[2].payload)[1], 2)

    def test_what_a_zygote_has_learned_is_told_to_the_daemon(self):
        with keeper("learns") as driver:
            driver.wait(lambda: driver.kinds(k.LEARNED), what="LEARNED")
            self.assertEqual(struct.unpack("<II", driver.kinds(k.LEARNED)[0].payload), (12, 3))
            self.assertEqual(driver.sh("exit 5").end.exit_code, 5)

    def test_zygote_that_cannot_serve_is_tried_again_with_backoff(self):
        with keeper("exits") as driver:
            driver.wait(lambda: len(driver.kinds(k.ZYGOTE)) == 3, what="three deaths")
            self.assertEqual([struct.unpack("<IIi", r.payload)[2] >> 8 for r in driver.kinds(k.ZYGOTE)], [78, 78, 78])
            began = time.monotonic()
            driver.wait(lambda: len(driver.kinds(k.ZYGOTE)) == 4, what="a fourth")
            self.assertGreater(time.monotonic() - began, 0.39)

    def test_zygote_that_is_not_there_is_a_failure_with_its_name(self):
        with keeper(zygote=["/no/such/python"]) as driver:
            driver.wait(lambda: driver.kinds(k.FAILURE), what="FAILURE")
            self.assertEqual(failures(driver)[0], (STAGE_ZYGOTE_EXEC, 2, b"/no/such/python"))

    def test_fork_that_fails_is_told_and_backed_off(self):
        with keeper("refuses") as driver:
            driver.wait(lambda: len(driver.kinds(k.FAILURE)) >= 2, what="FAILURE")
            self.assertEqual(failures(driver)[0], (STAGE_FORK, 11, b""))
            time.sleep(0.5)
            driver.turn()
            self.assertLess(len(driver.kinds(k.FAILURE)), 9)

    def test_pid_that_is_not_a_child_of_the_keeper_is_not_believed(self):
        with keeper("lies") as driver:
            driver.wait(lambda: driver.kinds(k.FAILURE), what="FAILURE")
            self.assertEqual(failures(driver)[0][:2], (STAGE_READY, 3))
            self.assertEqual(driver.kinds(k.PARKED), [])

    def test_words_written_while_parking_never_reach_a_task(self):
        with keeper("chatty") as driver:
            driver.wait(lambda: driver.kinds(k.FAILURE), what="FAILURE")
            self.assertEqual(failures(driver)[0][2], b"a word too many")
            self.assertEqual(driver.kinds(k.PARKED), [])

    def test_child_that_dies_before_ready_is_noticed_at_once(self):
        with keeper("dies") as driver:
            driver.wait(lambda: driver.kinds(k.FAILURE), 5, "FAILURE")
            self.assertEqual(failures(driver)[0][0], STAGE_READY)

    def test_silence_ends_after_ten_seconds_with_the_zygote(self):
        with keeper("silent", parked=1) as driver:
            driver.wait(lambda: driver.kinds(k.FAILURE), 12, "FAILURE")
            self.assertEqual(failures(driver)[0][:2], (STAGE_READY, 110))
            driver.wait(lambda: len(driver.kinds(k.ZYGOTE)) == 2, what="the zygote's death")
            self.assertEqual(struct.unpack("<IIi", driver.kinds(k.ZYGOTE)[1].payload)[2], signal.SIGKILL)

    def test_deadline_kills_a_daemonised_grandchild_while_others_are_being_parked(self):
        with keeper(slots=6, parked=3) as driver:
            call = driver.sh("setsid sleep 100 & echo $!; (setsid sleep 100 & echo $!); sleep 100", timeout_ms=400)
            self.assertEqual(call.end.outcome, k.TIMED_OUT)
            time.sleep(0.3)
            for pid in map(int, call.stdout.split()):
                self.assertFalse(os.path.exists(f"/proc/{pid}"))
            self.assertEqual(driver.sh("echo next").stdout, b"next\n")

    def test_stop_takes_zygote_and_children(self):
        with keeper() as driver:
            pids = [driver.parked_pid(*driver.lease()) for _ in range(2)]
            pids.append(struct.unpack_from("<I", driver.kinds(k.ZYGOTE)[0].payload)[0])
            self.assertEqual(driver.stop(), 0)
            self.assertEqual([pid for pid in pids if os.path.exists(f"/proc/{pid}")], [])

    def test_killed_keeper_takes_zygote_and_parked_children(self):
        with keeper() as driver:
            pids = [driver.parked_pid(*driver.lease()) for _ in range(2)]
            pids.append(struct.unpack_from("<I", driver.kinds(k.ZYGOTE)[0].payload)[0])
            driver.process.kill()
            driver.process.wait()
            self.assertTrue(k.gone_within(0.5, pids))


if __name__ == "__main__":
    unittest.main()
