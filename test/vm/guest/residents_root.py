"""Root of the guest: a daemon with validators, as an ordinary user; prints one JSON object with what it said.
Usage: residents_root.py PROJECT NODE"""
import json
import os
import sys

from scopes import NODE, PROJECT, USER_ID, prepare, start, told_by

prepare(*(os.path.realpath(path) for path in sys.argv[1:]))
program = f"{PROJECT}/test/vm/guest/residents.py"
command = ["/usr/bin/python3", "-B", program, PROJECT, NODE, "/tmp/residents"]
print(json.dumps(told_by({"residents": start("residents", command, USER_ID)})))
