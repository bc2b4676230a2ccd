"""Root of the guest: runs collect.py and `supervisor doctor` in each kind of place at the same time, and the keeper's own
cgroup tests; prints one JSON object with what each said. Usage: places.py PROJECT NODE"""
import json
import os
import shutil
import sys

from scopes import CGROUP, NODE, PROJECT, USER_ID, prepare, start, told_by, write


def main():
    prepare(*(os.path.realpath(path) for path in sys.argv[1:]))
    write("/proc/sys/vm/nr_hugepages", "8")
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin:/bin")

    def collect(name, *more):
        return [python, "-B", f"{PROJECT}/test/vm/guest/collect.py", PROJECT, NODE, f"/tmp/{name}", *more]

    def doctor(name):
        return ["env", f"HOME=/tmp/{name}", NODE, f"{PROJECT}/bin/supervisor", "doctor", "--json"]

    # As in a container: the group is the root of a namespace, and its files are read-only.
    read_only = f"umount {CGROUP} && mount -t cgroup2 -o ro,nosuid,nodev,noexec cgroup2 {CGROUP} && exec \"$@\""
    unshare = ["unshare", "--cgroup", "--mount", "--propagation", "private", "sh", "-c", read_only, "sh"]
    places = {
        "root": start("root", collect("root", "neighbour")),
        "user": start("user", collect("user", "killed"), USER_ID),
        "readOnly": start("readOnly", [*unshare, *collect("readOnly")]),
        "keeper": start("keeper", [python, "-B", f"{PROJECT}/test/vm/keeper_cgroup.py"]),
        "doctorOfRoot": start("doctorOfRoot", doctor("doctorOfRoot")),
        "doctorOfUser": start("doctorOfUser", doctor("doctorOfUser"), USER_ID),
        "doctorReadOnly": start("doctorReadOnly", [*unshare, *doctor("doctorReadOnly")]),
    }
    print(json.dumps(told_by(places)))


main()
