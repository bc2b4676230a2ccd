"""Runs a command in a process more confined than its parent: `confine.py HOW... -- COMMAND ARGS...`."""
import ctypes
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 22, 24, 38
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 0x7FFF0000, 0x00050000
ENOSYS = 38
CLONE_NEWNS, CLONE_NEWPID = 0x00020000, 0x20000000
CAP_CHOWN = 0
MEMFD_CREATE = {"x86_64": 319, "aarch64": 279}[os.uname().machine]
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446
LANDLOCK_WRITE_FILE, LANDLOCK_MAKE_REG = 1 << 1, 1 << 8


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def prctl(*words):
    check(libc.prctl(*(ctypes.c_ulong(word) for word in words), *[ctypes.c_ulong(0)] * (5 - len(words))))


def seccomp(*instructions):
    code = b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(instructions), ctypes.addressof(buffer)))
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


def no_new_privs():
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def any_filter():
    seccomp((0x06, 0, 0, SECCOMP_RET_ALLOW))


def no_memfd():
    load_number, jump_if_equal, give = 0x20, 0x15, 0x06
    seccomp(
        (load_number, 0, 0, 0),
        (jump_if_equal, 0, 1, MEMFD_CREATE),
        (give, 0, 0, SECCOMP_RET_ERRNO | ENOSYS),
        (give, 0, 0, SECCOMP_RET_ALLOW),
    )


def fewer_capabilities():
    prctl(PR_CAPBSET_DROP, CAP_CHOWN)


def mount_namespace():
    check(libc.unshare(CLONE_NEWNS))


def pid_namespace():
    check(libc.unshare(CLONE_NEWPID))
    child = os.fork()
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def landlock():
    no_new_privs()
    attributes = ctypes.create_string_buffer(struct.pack("<Q", LANDLOCK_WRITE_FILE | LANDLOCK_MAKE_REG), 8)
    ruleset = check(libc.syscall(LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(8), 0))
    check(libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0))


WAYS = {
    "no_new_privs": no_new_privs,
    "any_filter": any_filter,
    "no_memfd": no_memfd,
    "fewer_capabilities": fewer_capabilities,
    "mount_namespace": mount_namespace,
    "pid_namespace": pid_namespace,
    "landlock": landlock,
}

separator = sys.argv.index("--")
for way in sys.argv[1:separator]:
    WAYS[way]()
os.execvp(sys.argv[separator + 1], sys.argv[separator + 1 :])
