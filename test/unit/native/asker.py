# A program that asks one question after the other: asker.py SOCKET FRAME_HEX ROUNDS
import socket
import sys

path, frame, rounds = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3])
with socket.socket(socket.AF_UNIX) as daemon:
    daemon.connect(path)
    for _ in range(rounds):
        daemon.sendall(frame)
        if not daemon.recv(64):
            break
