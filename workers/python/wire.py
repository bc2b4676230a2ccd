"""The part of native-shim/include/wire.h that the zygote and its children speak. Little-endian, naturally aligned."""
import os

struct = load("modules").module_at("struct")

ZYGOTE_FD = ORDER_FD = 3  # of a zygote, of a parked process
ZYGOTE_MESSAGE = struct.Struct("<IIIIIi")  # kind, slot, generation, flags, keeper_pid, errnum
ZYGOTE_WARM, ZYGOTE_LEARNED = 2, 4

PARK_READY, PARK_DECLINED = 1, 2

# From a parked process to its zygote: checksum and path of a script that it has compiled.
LEARN_FD = 4
SCRIPT_NUMBER = struct.Struct("<I")
SCRIPT_MAX_BYTES = 128 * 1024
SCRIPT_REPORT_MAX_BYTES = SCRIPT_NUMBER.size + 4096

# total_bytes, mode, flags, program_index, path_bytes, argc, argv_bytes, envc, env_bytes, reserved
ORDER_HEAD = struct.Struct("<10I")
ORDER_SCRIPT, ORDER_COMMAND, ORDER_MODULE = 1, 2, 3
RLIMITS = 16
INHERITED = struct.Struct("<IiQ%dQ" % (2 * RLIMITS))  # umask, nice, ignored_signals, rlimits (soft, hard)
ORDER_BLOBS_AT = ORDER_HEAD.size + INHERITED.size

assert (ZYGOTE_MESSAGE.size, INHERITED.size, ORDER_BLOBS_AT) == (24, 272, 312)


def tell_warm():
    os.write(ZYGOTE_FD, ZYGOTE_MESSAGE.pack(ZYGOTE_WARM, 0, 0, 0, 0, 0))


def encode_order(mode, program_index, argv, env, inherited):
    """As the keeper would write it."""
    blobs = [b"".join(text + b"\0" for text in texts) for texts in (argv, env)]
    total_bytes = ORDER_BLOBS_AT + len(blobs[0]) + len(blobs[1])
    sizes = len(argv), len(blobs[0]), len(env), len(blobs[1])
    head = ORDER_HEAD.pack(total_bytes, mode, 0, program_index, 0, *sizes, 0)
    return head + INHERITED.pack(*inherited) + blobs[0] + blobs[1]
