"""The part of native-shim/include/wire.h that the zygote and its children speak. Little-endian, naturally aligned."""
struct = load("modules").module_at("struct")

ZYGOTE_FD = ORDER_FD = 3  # of a zygote, of a parked process
ZYGOTE_MESSAGE = struct.Struct("<IIIIIi")  # kind, slot, generation, flags, keeper_pid, errnum
ZYGOTE_FORK, ZYGOTE_WARM, ZYGOTE_FAILED, ZYGOTE_LEARNED = 1, 2, 3, 4
ZYGOTE_HAS_LEAF = 1

PARK_READY, PARK_DECLINED = 1, 2

# From a parked process to its zygote: checksum and path of a script that it has compiled.
LEARN_FD = 4
SCRIPT_NUMBER = struct.Struct("<I")
SCRIPT_MAX_BYTES = 128 * 1024
SCRIPT_REPORT_MAX_BYTES = SCRIPT_NUMBER.size + 4096

# total_bytes, mode, flags, program_index, path_bytes, argc, argv_bytes, envc, env_bytes, reserved
ORDER_HEAD = struct.Struct("<10I")
ORDER_EXEC, ORDER_SCRIPT, ORDER_COMMAND, ORDER_MODULE = 0, 1, 2, 3
INHERITED_AT = ORDER_HEAD.size
RLIMITS = 16
LIBC_SIGNALS = 0b11 << 31  # 32 and 33: inherit() sees to them, since the interpreter cannot
INHERITED = struct.Struct("<IiQ%dQ" % (2 * RLIMITS))  # umask, nice, ignored_signals, rlimits (soft, hard)
IGNORED_SIGNALS_AT, LIMITS_AT = INHERITED_AT + 8, INHERITED_AT + 16
ORDER_BLOBS_AT = INHERITED_AT + INHERITED.size
NUMBER = struct.Struct("<Q")

assert (ZYGOTE_MESSAGE.size, INHERITED.size, ORDER_BLOBS_AT) == (24, 272, 312)


class Order:
    """What a parked process is to run, with argv and environment as lists of bytes. The rest of `data` is read by the
    native inherit()."""

    def __init__(self, data, mode, program_index, argv, env):
        self.data, self.mode, self.program_index, self.argv, self.env = data, mode, program_index, argv, env
        self.ignored_signals = NUMBER.unpack_from(data, IGNORED_SIGNALS_AT)[0] & ~LIBC_SIGNALS

    def soft_limit(self, which):
        return NUMBER.unpack_from(self.data, LIMITS_AT + 16 * which)[0]


def strings(blob, count):
    """The `count` NUL-terminated strings of a blob, or None if it holds anything else."""
    parts = blob.split(b"\0")
    return parts[:-1] if len(parts) == count + 1 and parts[-1] == b"" else None


def decode_order(data):
    """An Order, or None if the bytes contradict themselves."""
    total_bytes, mode, _, program_index, path_bytes, argc, argv_bytes, envc, env_bytes, _ = ORDER_HEAD.unpack_from(data)
    argv_at = ORDER_BLOBS_AT + path_bytes
    env_at = argv_at + argv_bytes
    if env_at + env_bytes != total_bytes:
        return None
    argv = strings(data[argv_at:env_at], argc)
    env = strings(data[env_at:], envc)
    if argv is None or env is None or not 0 < program_index < argc:
        return None
    return Order(data, mode, program_index, argv, env)


def encode_order(mode, program_index, argv, env, inherited):
    """As the keeper would write it."""
    blobs = [b"".join(text + b"\0" for text in texts) for texts in (argv, env)]
    total_bytes = ORDER_BLOBS_AT + len(blobs[0]) + len(blobs[1])
    sizes = len(argv), len(blobs[0]), len(env), len(blobs[1])
    head = ORDER_HEAD.pack(total_bytes, mode, 0, program_index, 0, *sizes, 0)
    return head + INHERITED.pack(*inherited) + blobs[0] + blobs[1]
