"""The worker's end of its ring, by resident-native.so. ctypes gives up Python's lock while it waits. The kinds of records are
those of native-shim/include/wire.h."""
import ctypes
import errno
import os
import stat

ASK, PING, FORGET, READY, ANSWER, PONG = 64, 65, 66, 80, 81, 82
PEER_RING_FD, PEER_SOCKET_FD = 3, 4


class Message(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_uint16), ("call_id", ctypes.c_uint64), ("bytes", ctypes.c_void_p),
                ("length", ctypes.c_size_t)]


class ChannelLost(Exception):
    pass


class InputEnded(Exception):
    """We are not needed any more."""


class MessageTooLong(Exception):
    pass


def lost(status):
    return InputEnded() if status == -errno.ESHUTDOWN else ChannelLost(os.strerror(-status))


def life_fd():
    """Standard input, where its far end is somebody's to close."""
    return 0 if stat.S_ISFIFO(os.fstat(0).st_mode) else -1


native = None  # once for a zygote and all that it forks


def load():
    global native
    if native is not None:
        return native
    native = ctypes.CDLL(os.path.join(os.path.dirname(os.path.abspath(__file__)), "resident-native.so"))
    native.resident_attach.restype = ctypes.c_void_p
    native.resident_attach.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_uint32, ctypes.c_uint64,
                                       ctypes.POINTER(ctypes.c_int)]
    native.resident_receive.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Message)]
    native.resident_send.argtypes = [ctypes.c_void_p, ctypes.c_uint16, ctypes.c_uint64, ctypes.c_char_p,
                                     ctypes.c_size_t]
    return native


class Channel:
    def __init__(self, ring_bytes, generation):
        self.native = load()
        self.message = Message()
        status = ctypes.c_int()
        self.peer = self.native.resident_attach(PEER_RING_FD, PEER_SOCKET_FD, life_fd(), ring_bytes, generation,
                                                status)
        if self.peer is None:
            raise OSError(-status.value, os.strerror(-status.value))

    def receive(self, timeout_ms):
        """(kind, call id, payload), or None when the time is over; -1: without end."""
        status = self.native.resident_receive(self.peer, timeout_ms, self.message)
        if status < 0:
            raise lost(status)
        if status == 0:
            return None
        return self.message.kind, self.message.call_id, ctypes.string_at(self.message.bytes, self.message.length)

    def send(self, kind, call_id, payload):
        status = self.native.resident_send(self.peer, kind, call_id, payload, len(payload))
        if status == -errno.EMSGSIZE:
            raise MessageTooLong
        if status < 0:
            raise lost(status)
