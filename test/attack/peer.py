"""A peer that says exactly what a test tells it: `peer.py SOCKET STEPS`, STEPS a JSON list. After the steps it reads until the
other side closes, at most READ_S, and prints {"received": hex, "closed": bool, "ms": since the last step}.

["send", hex]  ["fds", count, hex]  with descriptors of /  ["drip", hex, every_ms]  byte for byte  ["end"]  no more from here
["uid", uid]   become that user first, before the connection is made
"""
import json
import os
import socket
import sys
import time

READ_S = 12


def main():
    path, steps = sys.argv[1], json.loads(sys.argv[2])
    if steps and steps[0][0] == "uid":
        uid = steps.pop(0)[1]
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(READ_S)
    peer.connect(path)
    began = time.monotonic()
    try:
        for verb, *operands in steps:
            if verb == "send":
                peer.sendall(bytes.fromhex(operands[0]))
            elif verb == "fds":
                socket.send_fds(peer, [bytes.fromhex(operands[1])], [os.open("/", os.O_RDONLY)] * operands[0])
            elif verb == "drip":
                for byte in bytes.fromhex(operands[0]):
                    peer.send(bytes([byte]))
                    time.sleep(operands[1] / 1000)
            elif verb == "end":
                peer.shutdown(socket.SHUT_WR)
    except (BrokenPipeError, ConnectionResetError):
        pass  # closed before it had heard everything: read what it said
    received, closed = b"", False
    try:
        while piece := peer.recv(65536):
            received += piece
        closed = True
    except ConnectionResetError:
        closed = True
    except TimeoutError:
        pass
    print(json.dumps({"received": received.hex(), "closed": closed, "ms": (time.monotonic() - began) * 1000}))


main()
