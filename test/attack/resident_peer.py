"""The far end of a resident worker's channel, in the hands of hostile code: argv is what it does, the size of the rings
and their generation. Ring and socket are descriptors 3 and 4."""
import array
import mmap
import os
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures"))
from keeper_driver import HEAD, HEADER_BYTES, NEED_WAKE, TAIL, WANT_SPACE, Ring  # noqa: E402

ASK, PING, READY, ANSWER, PONG = 64, 65, 80, 81, 82
STDOUT, MORE, PIECE = 36, 1, 65536
NOTHING = b'{"verdict":{}}'
CUT_REFUSED = 7


class Peer:
    def __init__(self, ring_bytes, generation):
        self.generation = generation
        self.socket = socket.socket(fileno=4)
        self.socket.setblocking(True)  # of its own end: the daemon's must not wait for all that
        one = (HEADER_BYTES + ring_bytes + 4095) & ~4095
        memory = mmap.mmap(3, 2 * one)
        self.down, self.up = Ring(memory, 0, ring_bytes), Ring(memory, one, ring_bytes)

    def ring(self):
        try:
            self.socket.send(bytes(8), socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass

    def say(self, kind, call=0, payload=b"", flags=0, generation=None):
        """False: there is no room."""
        due = self.up.write(kind, flags, call, 0, self.generation if generation is None else generation, payload)
        if due:
            self.ring()
        return due is not None

    def ready(self):
        self.say(READY, payload=b'{"protocol":1,"batch":true}')

    def hear(self):
        """The next record; the driver's way of waiting, since Python cannot fence."""
        while (record := self.down.read()) is None:
            self.down.flag(NEED_WAKE, 1)
            time.sleep(0.001)
        if self.down.flag(WANT_SPACE):
            self.down.flag(WANT_SPACE, 0)
            self.ring()
        return record

    def stay(self):
        while self.socket.recv(100):
            pass


def honest(peer, call):
    peer.say(ANSWER, call, NOTHING)
    while True:
        record = peer.hear()
        peer.say(PONG if record.kind == PING else ANSWER, record.call, b"" if record.kind == PING else NOTHING)


def flood(peer, call):
    while True:
        peer.say(ANSWER, 999, NOTHING)


def bells(peer, call):
    while True:
        peer.ring()


def bells_with_descriptors(peer, call):
    fds = array.array("i", [os.open("/dev/null", os.O_RDONLY)] * 8)
    while True:
        try:
            peer.socket.sendmsg([bytes(8)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)], socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass


def wants_space(peer, call):
    """Has the daemon ring at each of its looks, and takes no doorbell."""
    while True:
        peer.up.flag(WANT_SPACE, 1)
        peer.say(ANSWER, call, NOTHING)
        call = peer.hear().call


def keepers_record(peer, call):
    peer.say(STDOUT, 1, b"words")


def unknown_kind(peer, call):
    peer.say(0x1234)


def other_generation(peer, call):
    peer.say(ANSWER, call, NOTHING, generation=peer.generation + 1)


def twice(peer, call):
    peer.say(ANSWER, call, NOTHING)
    peer.say(ANSWER, call, NOTHING)


def ready_twice(peer, call):
    peer.ready()


def unasked_pong(peer, call):
    peer.say(PONG, 1)


def early_answer(peer, call):
    peer.say(ANSWER, 1, NOTHING)


def other_protocol(peer, call):
    peer.say(READY, payload=b'{"protocol":"1"}')


def short_fragments(peer, call):
    while peer.say(ANSWER, call, b"", MORE):
        pass


def endless_message(peer, call):
    while True:
        peer.say(ANSWER, call, bytes(PIECE), MORE)


def inside_another(peer, call):
    peer.say(ANSWER, call, b"x" * PIECE, MORE)
    peer.say(PONG, call)


def tail_ahead(peer, call):
    peer.up.store(TAIL, 1 << 40)
    peer.ring()


def tail_behind(peer, call):
    peer.up.store(TAIL, 0)
    peer.ring()


def head_ahead(peer, call):
    peer.down.store(HEAD, 1 << 40)
    peer.say(ANSWER, call, NOTHING)


def long_record(peer, call):
    struct.pack_into("<IHHQII", peer.up.memory, peer.up.at(), 0xFFFFFFF0, ANSWER, 0, 1, 0, peer.generation)
    peer.up.store(TAIL, peer.up.own + 64)
    peer.ring()


def no_magic(peer, call):
    struct.pack_into("<Q", peer.up.memory, peer.up.base, 0)
    peer.ring()


def changing_record(peer, call):
    """A record that is another one each time it is looked at."""
    at = peer.up.at()
    peer.say(ANSWER, call, NOTHING)
    while True:
        struct.pack_into("<I", peer.up.memory, at, 0xFFFFFFF0)
        struct.pack_into("<I", peer.up.memory, at, len(NOTHING))


def deaf(peer, call):
    peer.stay()


def garbage(peer, call):
    for payload in (b"words", b"\xff\xfe", b"[" * 60000, b'{"verdict":{"decision":"ALLOW"}}'):
        peer.say(ANSWER, call, payload)
        call = peer.hear().call
    honest(peer, call)


def cuts_the_memory(peer, call):
    for size in (0, 4096, 1 << 30):
        try:
            os.ftruncate(3, size)
            os._exit(0)
        except PermissionError:
            continue
    os._exit(CUT_REFUSED)


def punches_holes(peer, call):
    import ctypes
    libc = ctypes.CDLL(None)
    libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long]
    libc.fallocate(3, 3, 0, 1 << 30)  # PUNCH_HOLE, KEEP_SIZE
    peer.ring()
    peer.stay()


if __name__ == "__main__":
    name, ring_bytes, generation = sys.argv[1:]
    the_peer = Peer(int(ring_bytes), int(generation))
    first_call = 1
    if name not in ("early_answer", "other_protocol"):
        the_peer.ready()
        first_call = the_peer.hear().call  # what comes before READY is taken would be the end before the beginning
    try:
        globals()[name](the_peer, first_call)
        the_peer.stay()
    except (BrokenPipeError, ConnectionResetError):
        pass
