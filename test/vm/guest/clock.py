"""Root of a guest whose clock is set by hours, forwards and backwards, under running hooks and a restart that waits; prints one
JSON object. All is measured by the clock that nobody sets. Judges nothing: that is for clock.test.ts. Usage: clock.py PROJECT NODE"""
import json
import os
import signal
import sys
import time

FOLDER = "/tmp/clock"
sys.argv.append(FOLDER)

import collect
from collect import WAIT_S, Call, ask, start_daemon, wait_for

HOURS_S = 5 * 60 * 60
TIMEOUT_S = 6
LONG_WAIT_MS = 4_000


def jump(seconds):
    time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)


def exec_pool():
    return next(pool for pool in ask("status")["status"]["pools"] if pool["runtime"] == "exec")


def whole():
    pool = exec_pool()
    return pool if pool["parked"] >= 2 and pool["busy"] == 0 else None


def active(count):
    return lambda: ask("status")["status"]["calls"]["active"] == count


def under_running_hooks(seconds):
    patient = Call("/bin/sh", "-c", 'read word; echo "got $word"')
    began = time.monotonic()
    overdue = Call("/bin/sleep", "600", options=["--timeout", f"{TIMEOUT_S}s"])
    wait_for("both to run", active(2))
    jump(seconds)
    late = overdue.end()
    took_s = time.monotonic() - began
    return {"patient": patient.end("word\n"), "overdue": late, "overdueTookMs": took_s * 1000}


def keeper_killed(seen):
    """Its number, once another one than those seen is there and killed; or how long the next start is waited for, once that is long."""
    pool = exec_pool()
    if (pool["nextStartInMs"] or 0) > LONG_WAIT_MS:
        return {"nextStartInMs": pool["nextStartInMs"]}
    keepers = {keeper["pid"] for keeper in ask("status")["status"]["keepers"] if keeper["pool"] == pool["id"]} - seen
    for pid in keepers:
        os.kill(pid, signal.SIGKILL)
        return {"pid": pid}
    return None


def while_a_restart_waits():
    seen = set()
    while "pid" in (found := wait_for("a keeper or a long wait", lambda: keeper_killed(seen))):
        seen.add(found["pid"])
    began = time.monotonic()
    waits = [found["nextStartInMs"]]
    for seconds in (HOURS_S, -2 * HOURS_S, HOURS_S):
        jump(seconds)
        waits.append(exec_pool()["nextStartInMs"])
    asked_for_ms = (time.monotonic() - began) * 1000
    wait_for("the pool", whole)
    return {"waitsMs": waits, "askedForMs": asked_for_ms, "tookMs": (time.monotonic() - began) * 1000}


def uptime(began):
    return {"toldMs": ask("status")["status"]["uptimeMs"], "mostMs": (time.monotonic() - began) * 1000}


def main():
    os.makedirs(f"{FOLDER}/home", 0o700)
    collect.SETTINGS["SUPERVISOR_PARKED_EXEC"] = "2"
    began = time.monotonic()
    daemon = start_daemon()
    told = {"timeoutMs": TIMEOUT_S * 1000, "uptime": []}
    for name, seconds in (("ahead", HOURS_S), ("back", -2 * HOURS_S)):
        wait_for("the pool", whole)
        told[name] = under_running_hooks(seconds)
        told["uptime"].append(uptime(began))
    told["restart"] = while_a_restart_waits()
    told["after"] = Call("/bin/echo", "after").end()
    ask("stop")
    told["exit"] = daemon.wait(timeout=WAIT_S)
    print(json.dumps(told))


main()
