"""Root of the guest: an ordinary user with a runtime folder and a delegated group, as logind makes them, in which
service_user.py runs; prints what that says. Usage: service.py PROJECT NODE"""
import os
import sys

from scopes import NODE, PROJECT, USER_ID, make_folder, prepare, start


def main():
    prepare(*(os.path.realpath(path) for path in sys.argv[1:]))
    os.makedirs("/run/systemd/system")  # without it systemd takes the machine for one of another kind
    os.makedirs("/run/user", exist_ok=True)
    make_folder(f"/run/user/{USER_ID}", USER_ID)
    program = f"{PROJECT}/test/vm/guest/service_user.py"
    user = start("user", ["/usr/bin/python3", "-B", program, PROJECT, NODE, "/tmp/user"], USER_ID)
    out, err = user.communicate()
    sys.stderr.write(err)
    print(out)
    sys.exit(user.returncode)


main()
