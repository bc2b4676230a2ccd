"""A Python that takes more memory at its start than a task may: what becomes of its pool, and what its hooks get. Judges nothing:
that is for pools.test.ts. Usage: starved.py PROJECT NODE FOLDER"""
import json
import os
import time

import collect
from collect import FOLDER, Call, ask, command_line, read, wait_for

# Only where it is to be kept warm: the hooks themselves have enough.
HUNGRY = "import os\nif '/zygote' in open('/proc/self/cgroup').read(): held = bytearray(300 << 20)\n"
WATCHED_S = 5
TICKS = os.sysconf("SC_CLK_TCK")


def pool():
    return next((pool for pool in ask("status")["status"]["pools"] if pool["runtime"] == "python"), None)


def held():
    found = pool()
    return found if found and found["state"] == "quarantined" else None


def hook():
    return Call("/usr/bin/python3", f"{FOLDER}/hook.py").end()


def cpu_s(pid):
    fields = read(f"/proc/{pid}/stat").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def at_rest(daemon):
    """What the daemon does while the pool is held."""
    deaths, cpu = pool()["deaths"], cpu_s(daemon.pid)
    time.sleep(WATCHED_S)
    return {"watchedS": WATCHED_S, "cpuS": cpu_s(daemon.pid) - cpu, "before": deaths, "after": pool()["deaths"]}


def main():
    os.mkdir(f"{FOLDER}/site")
    for name, text in (("site/sitecustomize.py", HUNGRY), ("hook.py", "print('ran')\n")):
        with open(f"{FOLDER}/{name}", "w") as file:
            file.write(text)
    collect.configure()
    daemon = collect.start_daemon()
    wait_for("parked processes", collect.parked_pool)
    collect.ENV["PYTHONPATH"] = f"{FOLDER}/site"
    facts = {"first": hook(), "pool": wait_for("the quarantine", held)}
    facts["rest"] = at_rest(daemon)
    facts["why"] = command_line("why", facts["pool"]["id"])
    facts["status"] = command_line("status")
    facts["meanwhile"] = hook()
    facts["other"] = Call("/bin/cat").end("served")
    ask("stop")
    facts["exit"] = daemon.wait(timeout=collect.WAIT_S)
    print(json.dumps(facts))


main()
