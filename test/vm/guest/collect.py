"""One daemon in one place of the guest: starts it, makes it work, and prints as JSON what the kernel shows of it. Judges
nothing: that is for vm.test.ts. Usage: collect.py PROJECT NODE FOLDER [neighbour|killed]"""
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

PROJECT, NODE, FOLDER = sys.argv[1:4]
MORE = sys.argv[4:]
CLIENT = f"{PROJECT}/bin/supervisor-hook"
RUNTIME = f"{FOLDER}/run"
SETTINGS = {"SUPERVISOR_MEMORY_MAX_BYTES": str(96 << 20), "SUPERVISOR_PIDS_MAX": "40", "SUPERVISOR_CPU_TIME_MAX_MS": "60000"}
ENV = {"PATH": "/usr/bin:/bin", "HOME": f"{FOLDER}/home", "SUPERVISOR_RUNTIME_DIR": RUNTIME}
LEAF_FILES = ["memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cgroup.procs"]
WIRE_VERSION, CONTROL_REQUEST = 1, 32
WAIT_S = 120  # without KVM, and on a busy host, a start of Node takes many seconds


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError as error:
        return f"errno {error.errno}"


def ask(verb, runtime=RUNTIME):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(WAIT_S)
        peer.connect(f"{runtime}/control.sock")
        payload = json.dumps({"verb": verb}).encode()
        peer.sendall(struct.pack("<IHHQ", len(payload), WIRE_VERSION, CONTROL_REQUEST, 0) + payload)
        reply = peer.makefile("rb")
        length = struct.unpack("<IHHQ", reply.read(16))[0]
        return json.loads(reply.read(length))


def wait_for(what, probe):
    give_up_at = time.monotonic() + WAIT_S
    while time.monotonic() < give_up_at:
        found = probe()
        if found:
            return found
        time.sleep(0.05)
    keeper_log = read(f"{ENV['HOME']}/.local/state/hook-supervisor/keeper.log")[-2000:]
    raise TimeoutError(f"waited in vain for {what}: {ask('status')}\n{keeper_log}")


class Call:
    """A hook through the client."""

    calls = 0

    def __init__(self, *argv, options=()):
        Call.calls += 1
        self.explain_file = f"{FOLDER}/explain{Call.calls}"
        command = [CLIENT, "run", "--explain", self.explain_file, *options, "--", *argv]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, env=ENV, cwd=FOLDER, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def end(self, stdin=""):
        out, err = self.process.communicate(stdin, timeout=WAIT_S)
        explained = json.loads(read(self.explain_file))
        return {"exitCode": self.process.returncode, "stdout": out, "stderr": err, "explained": explained}


def configure(**limits):
    folder = f"{ENV['HOME']}/.config/hook-supervisor"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/config.json", "w") as file:
        json.dump({"limits": {"totalMemoryMaxBytes": 1 << 30, "totalPidsMax": 4000, **limits}}, file)


def start_daemon(runtime=RUNTIME, words=("bin/supervisor", "up")):
    command = [NODE, f"{PROJECT}/{words[0]}", *words[1:]]
    env = {**ENV, **SETTINGS, "SUPERVISOR_RUNTIME_DIR": runtime}
    # Nothing of ours is left open in it: whoever waits for our end must not wait for its own.
    daemon = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = b""
    while b"ready, pid" not in said:
        ready, _, _ = select.select([daemon.stderr], [], [], WAIT_S)
        piece = os.read(daemon.stderr.fileno(), 4096) if ready else b""
        if not piece:
            raise RuntimeError(f"the daemon {'ended' if ready else 'is not ready'}: {said!r}")
        said += piece
    return daemon


def command_line(*words):
    command = [NODE, f"{PROJECT}/bin/supervisor", *words]
    return subprocess.run(command, env=ENV, capture_output=True, text=True, timeout=WAIT_S).stdout


def parked_pool():
    """Status once the pool for commands has all the processes it wants."""
    status = ask("status")["status"]
    pool = next(pool for pool in status["pools"] if pool["runtime"] == "exec")
    return status if pool["parked"] >= 8 else None


def seen_by_kernel(status):
    workers = [worker for pool in status["pools"] for worker in pool["workers"] if worker["state"] == "parked"]
    seen = []
    for worker in workers:
        group = next((line[3:] for line in read(f"/proc/{worker['pid']}/cgroup").splitlines() if line.startswith("0::")), "")
        files = {name: read(f"/sys/fs/cgroup{group}/{name}").strip() for name in LEAF_FILES}
        seen.append({"pid": worker["pid"], "told": worker["cgroupPath"], "group": group, "files": files})
    return seen


def warm_python():
    with open(f"{FOLDER}/where.py", "w") as file:
        file.write("import os\nprint(os.getpid(), open('/proc/self/cgroup').read())\n")

    def warm():
        answer = Call("/usr/bin/python3", f"{FOLDER}/where.py").end()
        return answer if answer["explained"]["path"] == "worker" else None

    return wait_for("a warm interpreter", warm)


def parked_children():
    seen = seen_by_kernel(ask("status")["status"])
    return seen if any("/python-" in one["group"] for one in seen) else None


def hungry_and_neighbour():
    neighbour = Call("/bin/sh", "-c", 'read word; echo "neighbour got $word"')
    wait_for("the neighbour to run", lambda: ask("status")["status"]["calls"]["active"] == 1)
    hungry = Call("/usr/bin/python3", "-I", "-S", "-c", "x = bytearray(300 << 20)\nprint(len(x))").end()
    return {"hungry": hungry, "neighbour": neighbour.end("word\n")}


def many_processes():
    forks = """import os, time
children = 0
try:
    while children < 200:
        if os.fork() == 0:
            time.sleep(300)
            os._exit(0)
        children += 1
except OSError as error:
    print(children, error.errno, flush=True)
"""
    return Call("/usr/bin/python3", "-I", "-S", "-c", forks).end()


def huge():
    """A hook that takes pages the guest has set aside, and then the same by ourselves: that they were there to be had."""
    maps = "import mmap; m = mmap.mmap(-1, 4 << 20, flags=0x40022)\nfor i in range(2): m[i << 21] = 1\nprint('mapped')"
    argv = ["/usr/bin/python3", "-I", "-S", "-c", maps]
    return {"hook": Call(*argv).end(), "direct": subprocess.run(argv, capture_output=True, text=True).stdout}


def overdue():
    """A hook past its deadline, whose child has left its session and its parent."""
    script = f"setsid sleep 300 >/dev/null 2>&1 & echo $! > {FOLDER}/straggler; exec sleep 300"
    answer = Call("/bin/sh", "-c", script, options=["--timeout", "2s"]).end()
    straggler = read(f"{FOLDER}/straggler").strip()
    give_up_at = time.monotonic() + 5
    while os.path.exists(f"/proc/{straggler}") and time.monotonic() < give_up_at:
        time.sleep(0.02)
    return {"answer": answer, "straggler": straggler, "alive": os.path.exists(f"/proc/{straggler}")}


def parked():
    return seen_by_kernel(ask("status")["status"])


def with_neighbour():
    """A second daemon of the same user in the same group, with a runtime folder of its own, comes and goes."""
    runtime = f"{FOLDER}/run2"
    # Refilling is under way after the calls before: what is compared must have come to rest.
    wait_for("every pool to be full", lambda: all(pool["parked"] >= 8 for pool in ask("status")["status"]["pools"]))
    before = parked()
    daemon = start_daemon(runtime)
    driver = ask("status", runtime)["status"]["driver"]
    while_there = parked()
    ask("stop", runtime)
    daemon.wait(timeout=WAIT_S)
    return {"driver": driver, "before": before, "whileThere": while_there, "after": parked()}


def killed_and_again(daemon):
    pids = [worker["pid"] for pool in ask("status")["status"]["pools"] for worker in pool["workers"]]
    daemon.kill()
    daemon.wait()
    give_up_at = time.monotonic() + 10
    while any(os.path.exists(f"/proc/{pid}") for pid in pids) and time.monotonic() < give_up_at:
        time.sleep(0.02)
    alive = [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
    daemon = start_daemon()
    parked = seen_by_kernel(wait_for("parked processes", parked_pool))
    return daemon, {"workers": pids, "alive": alive, "parked": parked}


def own_group():
    return next(line[3:] for line in read("/proc/self/cgroup").splitlines() if line.startswith("0::"))


def main():
    group_before = own_group()
    configure()
    daemon = start_daemon()
    facts = {"before": group_before, "daemon": daemon.pid, "daemonGroup": read(f"/proc/{daemon.pid}/cgroup").strip()}
    facts["status"] = wait_for("parked processes", parked_pool)
    facts["parked"] = seen_by_kernel(facts["status"])
    facts["floor"] = {name: read(f"/sys/fs/cgroup{group_before}/sup/{name}").strip() for name in ("cpu.weight", "memory.low")}
    instance = facts["parked"][0]["group"].rsplit("/", 2)[0]
    facts["total"] = {name: read(f"/sys/fs/cgroup{instance}/{name}").strip() for name in ("memory.max", "pids.max")}
    facts["where"] = Call("/bin/cat", "/proc/self/cgroup").end()
    if facts["status"]["driver"] != "none":
        facts["warm"] = warm_python()
        facts["warmParked"] = wait_for("parked children of it", parked_children)
        facts.update(hungry_and_neighbour())
        facts["many"] = many_processes()
        facts["huge"] = huge()
        facts["overdue"] = overdue()
        facts["nested"] = Call(CLIENT, "run", "--explain", "/dev/stdout", "--", "/bin/true").end()
    if "neighbour" in MORE:
        facts["neighbours"] = with_neighbour()
    if "killed" in MORE:
        daemon, facts["killed"] = killed_and_again(daemon)
    ask("stop")
    facts["exit"] = daemon.wait(timeout=WAIT_S)
    facts["after"] = own_group()
    facts["groupsLeft"] = sorted(entry.name for entry in os.scandir(f"/sys/fs/cgroup{group_before}") if entry.is_dir())
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
