"""Root of the guest: a daemon whose Python cannot start, and one whose limits change; prints one JSON object with what each said.
Usage: pools.py PROJECT NODE"""
import json
import os
import sys

from scopes import NODE, PROJECT, USER_ID, prepare, start, told_by


def main():
    prepare(*(os.path.realpath(path) for path in sys.argv[1:]))

    def program(name):
        return ["/usr/bin/python3", "-B", f"{PROJECT}/test/vm/guest/{name}.py", PROJECT, NODE, f"/tmp/{name}"]

    print(json.dumps(told_by({
        "starved": start("starved", program("starved"), USER_ID),
        "replaced": start("replaced", program("replaced")),
    })))


main()
