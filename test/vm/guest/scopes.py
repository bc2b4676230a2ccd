"""For programs that root runs in the guest: the project where every user can read it, and commands in delegated groups."""
import os
import subprocess

CGROUP = "/sys/fs/cgroup"
USER_ID = 61234
HOME = "/tmp/user"
PROJECT, NODE = "/mnt/project", "/mnt/node/bin/node"


def run(*command):
    subprocess.run(command, check=True)


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def prepare(project, node):
    # Bind mounts: what lies in a home with mode 0700 is to be reached by the ordinary user of the guest too.
    for folder, source in ((PROJECT, project), ("/mnt/node", os.path.dirname(os.path.dirname(node)))):
        os.makedirs(folder)
        run("mount", "--bind", source, folder)
    write("/etc/passwd", open("/etc/passwd").read() + f"hookuser:x:{USER_ID}:{USER_ID}::{HOME}:/bin/sh\n")
    os.mkdir(f"{CGROUP}/places.slice")
    controllers = open(f"{CGROUP}/cgroup.controllers").read().split()
    write(f"{CGROUP}/places.slice/cgroup.subtree_control", " ".join(f"+{name}" for name in controllers))


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


def make_folder(path, owner=0):
    os.mkdir(path, 0o700)
    os.chown(path, owner, owner)


def start(name, command, owner=0):
    scope = make_scope(name, owner)
    make_folder(f"/tmp/{name}", owner)

    def enter():
        write(f"{scope}/cgroup.procs", "0")
        if owner:
            os.setgroups([])
            os.setgid(owner)
            os.setuid(owner)
        os.setsid()

    pipe = subprocess.PIPE
    return subprocess.Popen(command, preexec_fn=enter, cwd="/", stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True)


def told_by(places):
    """What each of the started says until its end."""
    told = {}
    for name, process in places.items():
        out, err = process.communicate()
        told[name] = {"exitCode": process.returncode, "stdout": out, "stderr": err}
    return told
