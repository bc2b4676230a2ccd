"""The keeper with a program in the place of Node. `python3 test/native/keeper_node_test.py`."""
import struct
import sys
import unittest

from keeper_case import k

READY, READY_UNKNOWN = 1, 3
STAGE_READY = 12


def keeper(program, **rest):
    """`program`: Python, with the order socket in `order`."""
    text = "import os, socket, struct, sys, time; order = socket.socket(fileno=200)\n" + program
    return k.Keeper(runtime="node", zygote=[sys.executable, "node", "-I", "-S", "-c", text], **rest)


def says(kind):
    return "order.send(struct.pack('<III', %d, os.getpid(), 12000)); order.recv(1)" % kind


class Nodes(unittest.TestCase):
    def test_a_start_that_dies_is_a_failure_with_its_words_and_then_a_status(self):
        with keeper("sys.exit('cannot park: no')") as driver:
            driver.wait(lambda: len(driver.kinds(k.ZYGOTE)) >= 2, what="two deaths")
        kinds = [record.kind for record in driver.records[1:3]]
        self.assertEqual(kinds, [k.FAILURE, k.ZYGOTE])
        self.assertEqual(struct.unpack_from("<I", driver.records[1].payload), (STAGE_READY,))
        self.assertEqual(driver.records[1].payload[12:], b"cannot park: no\n")
        pid, _, status = struct.unpack("<IIi", driver.records[2].payload)
        self.assertEqual((pid, status), (0, 1 << 8))

    def test_the_status_of_one_that_closes_its_streams_first_is_told_too(self):
        with keeper("os.close(1); os.close(2); time.sleep(0.1); os._exit(78)") as driver:
            driver.wait(lambda: driver.kinds(k.ZYGOTE), what="a death")
            self.assertEqual(struct.unpack("<IIi", driver.kinds(k.ZYGOTE)[0].payload)[2], 78 << 8)

    def test_what_is_said_of_the_node_and_its_memory_comes_with_parked(self):
        for kind, is_unknown in ((READY, 0), (READY_UNKNOWN, 1)):
            with self.subTest(kind=kind), keeper(says(kind)) as driver:
                driver.wait(lambda: len(driver.parked) == 2, what="all parked")
                told = {struct.unpack_from("<III", record.payload)[1:] for record in driver.kinds(k.PARKED)}
                self.assertEqual(told, {(is_unknown, 12000)})

    def test_how_long_its_start_took_comes_with_parked(self):
        with keeper("time.sleep(0.3); " + says(READY)) as driver:
            driver.wait(lambda: len(driver.parked) == 2, what="all parked")
            for record in driver.kinds(k.PARKED):
                start_ms = struct.unpack_from("<6I", record.payload)[5]
                self.assertTrue(300 <= start_ms < 5000, start_ms)


if __name__ == "__main__":
    unittest.main()
