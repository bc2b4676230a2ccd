"""Root of the guest: the product in a container without options, and in one that may write its cgroup and starts by our
entrypoint; prints one JSON object with what each said. Usage: containers.py PROJECT NODE"""
import json
import os
import shutil
import subprocess
import sys

PROJECT, NODE = (os.path.realpath(path) for path in sys.argv[1:])
CGROUP = "/sys/fs/cgroup"
USER_ID = 61234


def prepare():
    """What the Dockerfile puts into the image."""
    # Bind mounts: what lies in a home with mode 0700 is to be reached by the user of the container too.
    for folder, source in (("/mnt/project", PROJECT), ("/mnt/node", os.path.dirname(os.path.dirname(NODE)))):
        os.makedirs(folder)
        subprocess.run(["mount", "--bind", source, folder], check=True)
    for file, line in (("passwd", f"hook:x:{USER_ID}:{USER_ID}::/tmp:/bin/sh"), ("group", f"hook:x:{USER_ID}:")):
        with open(f"/etc/{file}", "a") as users:
            users.write(f"{line}\n")
    for script in ("delegate", "entrypoint"):
        shutil.copy(f"/mnt/project/docker/{script}.sh", f"/usr/local/bin/hook-supervisor-{script}")
    with open("/.dockerenv", "w"):
        pass
    os.mkdir(f"{CGROUP}/docker")
    controllers = open(f"{CGROUP}/cgroup.controllers").read().split()
    with open(f"{CGROUP}/docker/cgroup.subtree_control", "w") as file:
        file.write(" ".join(f"+{name}" for name in controllers))


def make_profiles(node):
    """Docker's own, of which like_docker.py knows what it refuses, and that with what we add."""
    default = json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []})
    more = subprocess.run([node, "/mnt/project/docker/seccomp.mjs"], input=default, capture_output=True, text=True, check=True)
    for name, text in (("default", default), ("namespaces", more.stdout)):
        with open(f"/tmp/{name}.json", "w") as file:
            file.write(text)


def start(name, access, uid, command, profile="default"):
    os.mkdir(f"{CGROUP}/docker/{name}")
    os.mkdir(f"/tmp/{name}", 0o700)
    os.chown(f"/tmp/{name}", USER_ID, USER_ID)

    def enter():
        with open(f"{CGROUP}/docker/{name}/cgroup.procs", "w") as file:
            file.write("0")
        os.setsid()

    like_docker = ["/usr/bin/python3", "-B", "/mnt/project/test/vm/guest/like_docker.py", access, str(uid), f"/tmp/{profile}.json"]
    pipe = subprocess.PIPE
    entrypoint = [*like_docker, "hook-supervisor-entrypoint", *command]
    return subprocess.Popen(entrypoint, preexec_fn=enter, cwd="/", stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True)


def main():
    node, project = "/mnt/node/bin/node", "/mnt/project"
    prepare()
    make_profiles(node)

    def collect(name):
        return ["/usr/bin/python3", "-B", f"{project}/test/vm/guest/collect.py", project, node, f"/tmp/{name}"]

    def doctor(name):
        return ["env", f"HOME=/tmp/{name}", node, f"{project}/bin/supervisor", "doctor", "--json"]

    containers = {
        "plain": start("plain", "ro", USER_ID, collect("plain")),
        "limited": start("limited", "rw", 0, collect("limited")),
        "doctorPlain": start("doctorPlain", "ro", USER_ID, doctor("doctorPlain")),
        "doctorLimited": start("doctorLimited", "rw", 0, doctor("doctorLimited")),
        "doctorNamespaces": start("doctorNamespaces", "rw", 0, doctor("doctorNamespaces"), "namespaces"),
        # Writable, but nobody has handed a group over.
        "doctorForgotten": start("doctorForgotten", "rw", USER_ID, doctor("doctorForgotten")),
    }
    told = {}
    for name, process in containers.items():
        out, err = process.communicate()
        told[name] = {"exitCode": process.returncode, "stdout": out, "stderr": err}
    print(json.dumps(told))


main()
