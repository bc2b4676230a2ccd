"""The zygote of resident workers, asked as its keeper does: what it makes of an order that no daemon sends."""
import ctypes
import os
import signal
import socket
import struct
import subprocess
import unittest

from confine_case import confined

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ZYGOTE = os.path.join(ROOT, "dist/workers/python/resident_zygote.py")
ZYGOTE_FD = 3
ZYGOTE_MESSAGE = struct.Struct("<IIIIIi")
FORK, WARM = 1, 2
READY, DECLINED = 1, 2
HEAD = struct.Struct("<10I")
INHERITED = struct.pack("<IiQ32Q", 0o22, 0, 0, *[2**64 - 1] * 32)
PEER_ENDS = 8
HAS_LEAF = 1
PR_SET_CHILD_SUBREAPER = 36
TIMEOUT_S = 20


def order(argv=("python3", "resident.py", "--", "/no/such.py", "65536", "1"), env=("PATH=/bin",), flags=PEER_ENDS, **wrong):
    """wrong: fields of the head that say another thing than is so."""
    path, words, variables = (b"".join(text.encode() + b"\0" for text in texts) for texts in (["/bin/python3"], argv, env))
    head = {
        "mode": 0, "flags": flags, "program_index": 0, "path_bytes": len(path), "argc": len(argv),
        "argv_bytes": len(words), "envc": len(env), "env_bytes": len(variables), "reserved": 0,
    }
    blobs = INHERITED + path + words + variables
    return HEAD.pack(wrong.pop("total", HEAD.size + len(blobs)), *{**head, **wrong}.values()) + blobs


def warm(stderr=None):
    """(zygote, channel to it)."""
    channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    moved = os.dup(theirs.fileno())
    theirs.close()
    zygote = subprocess.Popen(
        [confined.PYTHON, ZYGOTE], env={"PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL, stderr=stderr,
        pass_fds=(ZYGOTE_FD,), preexec_fn=lambda: os.dup2(moved, ZYGOTE_FD))
    os.close(moved)
    channel.settimeout(TIMEOUT_S)
    assert ZYGOTE_MESSAGE.unpack(channel.recv(24))[0] == WARM
    return zygote, channel


def forked(channel, stderr):
    """(channel to a process that waits for its order, its pid)."""
    ours, theirs = socket.socketpair()
    null = os.open(os.devnull, os.O_RDWR)
    socket.send_fds(channel, [ZYGOTE_MESSAGE.pack(FORK, 0, 1, 0, os.getpid(), 0)], [null, null, stderr, theirs.fileno()])
    theirs.close()
    os.close(null)
    ours.settimeout(TIMEOUT_S)
    kind, pid, _ = struct.unpack("<III", ours.recv(12))
    assert kind == READY
    return ours, pid


def setUpModule():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Ended(unittest.TestCase):
    def setUp(self):
        self.zygote, self.channel = warm(subprocess.PIPE)
        self.addCleanup(self.zygote.communicate)
        self.addCleanup(self.channel.close)

    def said(self):
        return self.zygote.communicate(timeout=TIMEOUT_S)[1]

    def test_by_a_request_with_more_descriptors_than_any_has(self):
        request = ZYGOTE_MESSAGE.pack(FORK, 0, 1, HAS_LEAF, os.getpid(), 0)
        socket.send_fds(self.channel, [request], [self.channel.fileno()] * 6)
        self.assertEqual(self.said(), b"python zygote: bad request from the keeper\n")
        self.assertEqual(self.zygote.returncode, 70)

    def test_by_a_signal_that_the_interpreter_would_pass_on_to_all_workers(self):
        worker, pid = forked(self.channel, 2)  # so it has begun to serve
        worker.close()
        os.waitpid(pid, 0)
        self.zygote.send_signal(signal.SIGINT)
        self.assertIn(b"KeyboardInterrupt", self.said())
        self.assertEqual(self.zygote.returncode, -signal.SIGINT)


class Malformed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.zygote, cls.channel = warm()

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        cls.zygote.wait()

    def becomes(self, data, descriptors=3):
        """(reports, exit status, stderr) of a process that is forked and gets this."""
        said, stderr = os.pipe()
        ours, pid = forked(self.channel, stderr)
        os.close(stderr)
        null = os.open(os.devnull, os.O_RDWR)
        socket.send_fds(ours, [data], [null] * descriptors)
        ours.shutdown(socket.SHUT_WR)
        kinds = []
        while report := ours.recv(12):
            kinds.append(struct.unpack("<III", report)[0])
        _, status = os.waitpid(pid, 0)
        ours.close()
        os.close(null)
        with os.fdopen(said, "rb") as text:
            return kinds, os.waitstatus_to_exitcode(status), text.read()

    def test_what_contradicts_itself_is_declined_before_anything_is_done(self):
        for name, data in {
            "more arguments than there are": order(argc=60),
            "fewer arguments than there are": order(argc=2),
            "a blob longer than all": order(argv_bytes=1 << 20),
            "more than any order": order(total=1 << 30),
            "a sum that is another": order(total=400),
            "fewer variables than there are": order(envc=0),
            "a script": order(mode=1),
            "no words": order(("python3", "resident.py", "--")),
            "no end of its options": order(("python3", "resident.py", "/no/such.py")),
            "nothing but a program": order(("python3",)),
        }.items():
            with self.subTest(name):
                self.assertEqual(self.becomes(data), ([DECLINED], 0, b""))

    def test_so_is_one_without_its_descriptors(self):
        for count in (1, 2):
            with self.subTest(count):
                self.assertEqual(self.becomes(order(), count), ([DECLINED], 0, b""))
        self.assertEqual(self.becomes(order(flags=0), 1), ([DECLINED], 0, b""))

    def test_an_end_in_the_middle_is_no_order(self):
        self.assertEqual(self.becomes(order()[:100]), ([], 0, b""))
        self.assertEqual(self.becomes(order()[:-1]), ([], 0, b""))

    def test_what_the_process_may_not_do_is_said_in_one_line(self):
        """Its folder is no folder."""
        kinds, status, text = self.becomes(order())
        self.assertEqual((kinds, status), ([], 126))
        self.assertEqual(text, b"it cannot become what it was ordered to: errno 20\n")


if __name__ == "__main__":
    unittest.main()
