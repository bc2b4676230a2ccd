"""How a process that a zygote has forked gets its order, and becomes the worker that it asks for: what supervisor-parked does
before it executes a program, and supervisor-confine before that."""
import _signal
import ctypes
import os


class Order:
    def __init__(self, wire, data):
        head = wire.ORDER_HEAD.unpack_from(data)
        path_bytes, argv_bytes, env_bytes = head[4], head[6], head[8]
        argv_at = wire.ORDER_BLOBS_AT + path_bytes
        env_at = argv_at + argv_bytes
        self.is_sound = head[1] == wire.ORDER_EXEC and env_at + env_bytes == len(data)
        self.inherited = data[wire.INHERITED_AT:wire.ORDER_BLOBS_AT]
        self.argv = data[argv_at:env_at].split(b"\0")[:-1]
        self.env, self.env_count = data[env_at:], head[7]


class Folder:
    """By its path: the descriptor is one of the host's tree, and a process in a sandbox must not hold it. The path counts only
    if it leads to the very same folder."""

    def __init__(self, fd):
        self.path = os.readlink(b"/proc/self/fd/%d" % fd)
        self.status = os.fstat(fd)
        os.close(fd)

    def enter(self):
        os.chdir(self.path)
        if not os.path.samestat(os.stat("."), self.status):
            raise OSError("its folder is another one")


def become(order, fds, native, frames, locale, ring_fd, socket_fd):
    """Returns the words after `--`, in the sandbox that those before it describe. locale: the LC_CTYPE that CPython sets by
    itself under these variables, or None. Few steps of Python: each copies pages of the zygote, for each worker."""
    folder_fd, ring, socket = fds
    at = order.argv.index(b"--")
    confining = order.argv[2:at]
    if confining:
        folder = Folder(folder_fd)
    else:
        os.fchdir(folder_fd)
        os.close(folder_fd)
    # The socket first: over that of the order, which the ring takes the place of, a failure is told.
    os.dup2(socket, socket_fd, False)
    os.dup2(ring, ring_fd, False)
    os.close(ring)
    os.close(socket)
    if confining:
        words = [*confining, b"--", order.argv[0]]
        native.resident_confine((ctypes.c_char_p * (len(words) + 1))(*words, None))
        folder.enter()
    failed = native.resident_inherit(order.inherited, 1 if confining else 0)
    if failed < 0:
        raise OSError(-failed, os.strerror(-failed))
    if _signal.getsignal(_signal.SIGINT) == _signal.SIG_DFL:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    # Through os.environ each variable would be one more call, and more pages of the zygote copied.
    environ, _ = frames.environ_of(order.env)
    os.environ._data.clear()
    os.environ._data.update(environ)
    frames.set_environ(order.env, order.env_count)
    if locale is not None:
        os.environb[b"LC_CTYPE"] = locale
    frames.set_dumpable(1)  # as after an execve
    return [os.fsdecode(word) for word in order.argv[at + 1:]]
