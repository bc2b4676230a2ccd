# A program that asks one question after the other: asker.py SOCKET FRAME_HEX ROUNDS SILENT. It keeps to one processor, and the process
# that started it to another: on the same one that would find the next question without having looked for it. Before, it makes SILENT
# connections by which it says nothing.
import os
import socket
import sys

path, frame, rounds, silent = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
processors = sorted(os.sched_getaffinity(0))
daemon_pid = os.getppid()
os.sched_setaffinity(0, processors[-1:])
os.sched_setaffinity(daemon_pid, processors[:1])
try:
    others = [socket.socket(socket.AF_UNIX) for _ in range(silent)]
    for other in others:
        other.connect(path)
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.connect(path)
        for _ in range(rounds):
            daemon.sendall(frame)
            if not daemon.recv(64):
                break
finally:
    os.sched_setaffinity(daemon_pid, processors)
