"""A daemon whose limits change by `reload` and by `restart` while a hook runs: which groups there are, what their files say, and
what `status POOL/WORKER` makes of one. Judges nothing: that is for pools.test.ts. Usage: replaced.py PROJECT NODE FOLDER"""
import json
import os

import collect
from collect import Call, ask, command_line, own_group, read, wait_for

WORKERS = f"/sys/fs/cgroup{own_group()}/w"
LIMITS = [(96 << 20, 40), (112 << 20, 48), (128 << 20, 56)]


def limit_to(index):
    memory, pids = LIMITS[index]
    collect.configure(memoryMaxBytes=memory, pidsMax=pids, totalPidsMax=4000 + index)


def tree():
    """Limits of each group below that of all workers, by its path there."""
    paths = [path for path, _, _ in os.walk(WORKERS) if path != WORKERS]
    files = ("memory.max", "pids.max")
    return {os.path.relpath(path, WORKERS): [read(f"{path}/{file}").strip() for file in files] for path in paths}


def running():
    """The process that runs the hook."""
    pools = [pool for pool in ask("status")["status"]["pools"] if pool["busy"] > 0]
    return next(({**worker, "pool": pool["id"]} for pool in pools for worker in pool["workers"] if worker["state"] == "busy"), None)


def begin():
    call = Call("/bin/sh", "-c", "read word; cat /proc/self/cgroup; echo $word")
    return call, wait_for("the hook to run", running)


def replaced(verb, index):
    """With a hook that runs from before to after."""
    wait_for("parked processes", collect.parked_pool)
    call, worker = begin()
    facts = {"worker": worker, "before": tree()}
    limit_to(index)
    facts["told"] = ask(verb)
    wait_for("parked processes", collect.parked_pool)
    facts["meanwhile"] = tree()
    facts["hook"] = call.end("word\n")
    # The group of the daemon itself goes with the daemon alone.
    old = [path for path in facts["before"] if "/" in path or verb == "restart"]
    wait_for("the groups of before to go", lambda: not any(os.path.exists(f"{WORKERS}/{path}") for path in old))
    facts["after"] = tree()
    facts["next"] = Call("/bin/cat", "/proc/self/cgroup").end()
    return facts


def shown():
    """One process that runs a hook, by the command line and by the kernel."""
    call, worker = begin()
    target = f"{worker['pool']}/{worker['slot']}"
    leaf = f"/sys/fs/cgroup{worker['cgroupPath']}"
    names = ("cgroup.procs", "memory.max", "memory.current", "memory.peak", "pids.max", "pids.current")
    facts = {"pid": worker["pid"], "group": read(f"/proc/{worker['pid']}/cgroup").strip()}
    facts["json"] = json.loads(command_line("status", target, "--json"))
    facts["text"] = command_line("status", target)
    facts["files"] = {name: read(f"{leaf}/{name}").strip() for name in names}
    call.end("word\n")
    return facts


def main():
    collect.SETTINGS.clear()  # what the environment says holds against any file
    limit_to(0)
    # As `up -d` starts it, which does not wait as long as a busy guest needs.
    daemon = collect.start_daemon(words=("dist/main.js", "--detached"))
    facts = {"limits": LIMITS}
    wait_for("parked processes", collect.parked_pool)
    facts["shown"] = shown()
    facts["reload"] = replaced("reload", 1)
    facts["restart"] = replaced("restart", 2)
    facts["exit"] = daemon.wait(timeout=collect.WAIT_S)
    ask("stop")
    wait_for("the end of the successor", lambda: not os.path.exists(WORKERS))
    print(json.dumps(facts))


main()
