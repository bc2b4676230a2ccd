"""The least a zygote must do, and what it must not (environment variable FAKE). Its parked processes execute their order."""
import array
import os
import socket
import struct
import sys
import time

FORK, WARM, FAILED, LEARNED = 1, 2, 3, 4
behaviour = os.environ.get("FAKE", "")
server = socket.socket(fileno=3)


def message(kind, slot=0, generation=0, errnum=0):
    server.send(struct.pack("<5Ii", kind, slot, generation, 0, 0, errnum))


def park(fds, keeper):
    while os.getppid() != keeper:
        time.sleep(0.001)
    for number in range(3):  # before the session: see request_take_place() in workers/python/request.c
        os.dup2(fds[number], number)
    os.setsid()
    if len(fds) == 5:
        os.write(fds[4], b"0")
    order = socket.socket(fileno=os.dup(fds[3]))
    for fd in fds:
        os.close(fd)
    server.close()
    if behaviour == "chatty":
        os.write(2, b"a word too many")
    if behaviour == "silent":
        order.recv(1)
        os._exit(0)
    if behaviour == "dies":
        os._exit(3)
    order.send(struct.pack("<3I", 1, os.getppid() if behaviour == "lies" else os.getpid(), 5000))
    head, control, _, _ = order.recvmsg(312, socket.CMSG_SPACE(4))
    if not head:
        os._exit(0)
    os.fchdir(array.array("i", control[0][2])[0])
    total, _, _, _, path_bytes, argc, argv_bytes, envc, env_bytes, _ = struct.unpack_from("<10I", head)
    blobs = b""
    while len(blobs) < total - 312:
        blobs += order.recv(65536)
    order.close()
    argv = blobs[path_bytes:path_bytes + argv_bytes].split(b"\0")[:-1]
    env = blobs[path_bytes + argv_bytes:].split(b"\0")[:-1]
    os.execve(blobs[:path_bytes - 1], argv, dict(item.split(b"=", 1) for item in env))


if behaviour == "exits":
    sys.exit(78)
message(WARM)
if behaviour == "learns":
    message(LEARNED, 12, 3)
while True:
    data, control, _, _ = server.recvmsg(24, socket.CMSG_SPACE(20))
    if not data:
        break
    _, slot, generation, _, keeper, _ = struct.unpack("<5Ii", data)
    fds = list(array.array("i", control[0][2]))
    if behaviour == "refuses":
        message(FAILED, slot, generation, 11)
    elif not (middle := os.fork()):
        if not os.fork():
            park(fds, keeper)
        os._exit(0)
    else:
        os.waitpid(middle, 0)
    for fd in fds:
        os.close(fd)
