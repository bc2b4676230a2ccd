"""A client that sends descriptors, which Node cannot. argv: socket path, then steps.

send:HEX         bytes without a descriptor
fds:N:HEX        bytes with N descriptors of the folder /
read             waits until the other side sends something or closes
"""

import os
import socket
import sys


def main() -> None:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(10)
    peer.connect(sys.argv[1])
    folder = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    for step in sys.argv[2:]:
        verb, *operands = step.split(":")
        if verb == "send":
            peer.sendall(bytes.fromhex(operands[0]))
        elif verb == "fds":
            data = bytes.fromhex(operands[1])
            sent = socket.send_fds(peer, [data], [folder] * int(operands[0]))
            if data[sent:]:
                peer.sendall(data[sent:])
        elif verb == "read":
            try:
                peer.recv(4096)
            except ConnectionResetError:
                pass


main()
