"""Becomes a command as Docker starts one: its group is the root of a cgroup namespace, mounted read-only or (as with
writable-cgroups=true) not, and system calls are answered as by Docker's default filter as far as we make them. It stays the
user it is, with the capabilities that docker/compose.yml names. As root: like_docker.py ro|rw UID PROFILE COMMAND...; what
PROFILE, a seccomp profile, allows without a condition, is allowed."""
import ctypes
import json
import os
import struct
import subprocess
import sys

CGROUP = "/sys/fs/cgroup"
CLONE_NEWNS, CLONE_NEWCGROUP = 0x20000, 0x2000000
NAMESPACE_FLAGS = 0x7E020000
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
ALLOW, ERRNO, EPERM, ENOSYS = 0x7FFF0000, 0x50000, 1, 38
LOAD, JUMP_EQUAL, AND, RETURN = 0x20, 0x15, 0x54, 0x06
CLONE, CLONE3 = 56, 435
REFUSED = {
    "pivot_root": 155, "mount": 165, "umount2": 166, "keyctl": 250, "unshare": 272, "setns": 308, "bpf": 321, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "pidfd_getfd": 438, "mount_setattr": 442,
}
CAPABILITIES = "-all,+chown,+kill,+setgid,+setuid"

libc = ctypes.CDLL(None, use_errno=True)


def must(status):
    if status != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def filter_calls(allowed):
    program = [(LOAD, 0, 0, 0)]
    for number, errno in [*((number, EPERM) for name, number in REFUSED.items() if name not in allowed), (CLONE3, ENOSYS)]:
        program += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | errno)]
    program += [(JUMP_EQUAL, 0, 4, CLONE), (LOAD, 0, 0, 16), (AND, 0, 0, NAMESPACE_FLAGS), (JUMP_EQUAL, 1, 0, 0)]
    program += [(RETURN, 0, 0, ERRNO | EPERM), (RETURN, 0, 0, ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    must(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, head, 0, 0))


def main():
    access, uid, profile, *command = sys.argv[1:]
    with open(profile) as file:
        allowed = {name for rule in json.load(file)["syscalls"] for name in rule["names"]}
    must(libc.unshare(CLONE_NEWNS | CLONE_NEWCGROUP))
    for step in (
        ["mount", "--make-rprivate", "/"],
        ["umount", CGROUP],
        ["mount", "-t", "cgroup2", "-o", f"{access},nosuid,nodev,noexec,nsdelegate", "cgroup2", CGROUP],
    ):
        subprocess.run(step, check=True)
    filter_calls(allowed)
    identity = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups", f"--bounding-set={CAPABILITIES}", "--inh-caps=-all"]
    os.execvp("setpriv", ["setpriv", *identity, "--", *command])


main()
