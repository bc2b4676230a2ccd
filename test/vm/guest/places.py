"""Root of the guest: runs collect.py and `supervisor doctor` in each kind of place at the same time, and the keeper's own
cgroup tests; prints one JSON object with what each said. Usage: places.py PROJECT NODE"""
import json
import os
import shutil
import subprocess
import sys

PROJECT, NODE = (os.path.realpath(path) for path in sys.argv[1:])
CGROUP = "/sys/fs/cgroup"
USER_ID = 61234


def run(*command):
    subprocess.run(command, check=True)


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def make_scope(name, owner=0):
    """A delegated group: its owner may make groups below it and move processes there, no more."""
    scope = f"{CGROUP}/places.slice/{name}.scope"
    os.makedirs(scope)
    os.chown(scope, owner, owner)
    with open("/sys/kernel/cgroup/delegate") as files:
        for file in files.read().split():
            if os.path.exists(f"{scope}/{file}"):
                os.chown(f"{scope}/{file}", owner, owner)
    return scope


def start(name, command, owner=0):
    scope = make_scope(name, owner)
    folder = f"/tmp/{name}"
    os.mkdir(folder, 0o700)
    os.chown(folder, owner, owner)

    def enter():
        write(f"{scope}/cgroup.procs", "0")
        if owner:
            os.setgroups([])
            os.setgid(owner)
            os.setuid(owner)
        os.setsid()

    pipe = subprocess.PIPE
    return subprocess.Popen(command, preexec_fn=enter, cwd="/", stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True)


def main():
    # Bind mounts: what lies in a home with mode 0700 is to be reached by the ordinary user of the guest too.
    project, node = "/mnt/project", "/mnt/node/bin/node"
    for folder, source in ((project, PROJECT), ("/mnt/node", os.path.dirname(os.path.dirname(NODE)))):
        os.makedirs(folder)
        run("mount", "--bind", source, folder)
    write("/etc/passwd", open("/etc/passwd").read() + f"hookuser:x:{USER_ID}:{USER_ID}::/tmp/user:/bin/sh\n")
    write("/proc/sys/vm/nr_hugepages", "8")
    os.mkdir(f"{CGROUP}/places.slice")
    controllers = open(f"{CGROUP}/cgroup.controllers").read().split()
    write(f"{CGROUP}/places.slice/cgroup.subtree_control", " ".join(f"+{name}" for name in controllers))

    python = shutil.which("python3", path="/usr/bin:/usr/local/bin:/bin")

    def collect(name, *more):
        return [python, "-B", f"{project}/test/vm/guest/collect.py", project, node, f"/tmp/{name}", *more]

    def doctor(name):
        return ["env", f"HOME=/tmp/{name}", node, f"{project}/bin/supervisor", "doctor", "--json"]

    # As in a container: the group is the root of a namespace, and its files are read-only.
    read_only = f"umount {CGROUP} && mount -t cgroup2 -o ro,nosuid,nodev,noexec cgroup2 {CGROUP} && exec \"$@\""
    unshare = ["unshare", "--cgroup", "--mount", "--propagation", "private", "sh", "-c", read_only, "sh"]
    places = {
        "root": start("root", collect("root", "neighbour")),
        "user": start("user", collect("user", "killed"), USER_ID),
        "readOnly": start("readOnly", [*unshare, *collect("readOnly")]),
        "keeper": start("keeper", [python, "-B", f"{project}/test/vm/keeper_cgroup.py"]),
        "doctorOfRoot": start("doctorOfRoot", doctor("doctorOfRoot")),
        "doctorOfUser": start("doctorOfUser", doctor("doctorOfUser"), USER_ID),
        "doctorReadOnly": start("doctorReadOnly", [*unshare, *doctor("doctorReadOnly")]),
    }
    told = {}
    for name, process in places.items():
        out, err = process.communicate()
        told[name] = {"exitCode": process.returncode, "stdout": out, "stderr": err}
    print(json.dumps(told))


main()
