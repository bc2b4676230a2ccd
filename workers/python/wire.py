"""The part of native-shim/include/wire.h that the zygote and its children speak. Little-endian, naturally aligned."""
struct = load("modules").module_at("struct")

ZYGOTE_FD = 3
ZYGOTE_MESSAGE = struct.Struct("<IIIIIi")  # kind, slot, generation, flags, keeper_pid, errnum
ZYGOTE_FORK, ZYGOTE_WARM, ZYGOTE_FAILED = 1, 2, 3
ZYGOTE_HAS_LEAF = 1

PARK_REPORT = struct.Struct("<II")  # kind, pid
PARK_READY, PARK_DECLINED = 1, 2

ORDER_MAX_BYTES = 8 * 1024 * 1024 + 64 * 1024
# total_bytes, mode, flags, program_index, path_bytes, argc, argv_bytes, envc, env_bytes, reserved
ORDER_HEAD = struct.Struct("<10I")
ORDER_EXEC, ORDER_SCRIPT, ORDER_COMMAND, ORDER_MODULE = 0, 1, 2, 3
ORDER_MERGED_OUTPUT = 1
RLIMITS = 16
INHERITED = struct.Struct("<IiQ%dQ" % (2 * RLIMITS))  # umask, nice, ignored_signals, rlimits (soft, hard)
ORDER_BLOBS_AT = ORDER_HEAD.size + INHERITED.size
RLIM_INFINITY_ON_WIRE = 2**64 - 1

assert (ZYGOTE_MESSAGE.size, INHERITED.size, ORDER_BLOBS_AT) == (24, 272, 312)


class Order:
    """What a parked process is to run, with argv and environment as lists of bytes."""

    def __init__(self, head, inherited, argv, env):
        self.mode, self.flags, self.program_index = head[1:4]
        self.umask, self.nice, self.ignored_signals = inherited[:3]
        limits = [None if n == RLIM_INFINITY_ON_WIRE else n for n in inherited[3:]]
        self.rlimits = list(zip(limits[::2], limits[1::2]))
        self.argv, self.env = argv, env


def order_length_bytes(data):
    """Length of the whole order by its head, or None where that is out of bounds."""
    total = ORDER_HEAD.unpack_from(data)[0]
    return total if ORDER_BLOBS_AT <= total <= ORDER_MAX_BYTES else None


def strings(blob, count):
    """The `count` NUL-terminated strings of a blob, or None if it holds anything else."""
    parts = blob.split(b"\0")
    return parts[:-1] if len(parts) == count + 1 and parts[-1] == b"" else None


def decode_order(data):
    """An Order, or None if the bytes contradict themselves."""
    head = ORDER_HEAD.unpack_from(data)
    path_bytes, argc, argv_bytes, envc, env_bytes = head[4:9]
    argv_at = ORDER_BLOBS_AT + path_bytes
    env_at = argv_at + argv_bytes
    if env_at + env_bytes != len(data):
        return None
    argv = strings(data[argv_at:env_at], argc)
    env = strings(data[env_at:], envc)
    if argv is None or env is None or not 0 < head[3] < argc:
        return None
    return Order(head, INHERITED.unpack_from(data, ORDER_HEAD.size), argv, env)
