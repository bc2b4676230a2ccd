"""The user of the guest: a service manager of his own, the units of docker/systemd/user, and what becomes of the daemon under
them; prints one JSON object. Judges nothing: that is for service.test.ts. Usage: service_user.py PROJECT NODE FOLDER"""
import glob
import json
import os
import shutil
import signal
import subprocess
import time

import collect
from collect import ENV, FOLDER, NODE, PROJECT, Call, ask, read, wait_for

UNITS = f"{FOLDER}/home/.config/systemd/user"
RUNTIME = f"/run/user/{os.getuid()}"
OURS = f"{RUNTIME}/hook-supervisor"
SERVICE, SOCKET = "hook-supervisor.service", "hook-supervisor.socket"
SHOWN = ["ActiveState", "SubState", "MainPID", "NRestarts", "Result", "StatusText", "ControlGroup"]
WATCHDOG_S = 15  # the units' own would be a long wait


def install():
    tools = f"{FOLDER}/home/.local/bin"
    os.makedirs(tools)
    os.makedirs(f"{UNITS}/{SERVICE}.d")
    for name, target in (("node", NODE), ("supervisor", f"{PROJECT}/bin/supervisor")):
        os.symlink(target, f"{tools}/{name}")
    for unit in (SERVICE, SOCKET):
        shutil.copy(f"{PROJECT}/docker/systemd/user/{unit}", UNITS)
    with open(f"{UNITS}/{SERVICE}.d/test.conf", "w") as file:
        file.write(f"[Service]\nWatchdogSec={WATCHDOG_S}\nTimeoutStartSec=300\nTimeoutStopSec=60\n")
    ENV.update(XDG_RUNTIME_DIR=RUNTIME, PATH=f"{tools}:{ENV['PATH']}")
    del ENV["SUPERVISOR_RUNTIME_DIR"]
    collect.RUNTIME = OURS


def tool(*command):
    ended = subprocess.run(command, env=ENV, capture_output=True, text=True)
    return {"exitCode": ended.returncode, "said": ended.stdout + ended.stderr}


def systemctl(*words):
    return tool("systemctl", "--user", *words)


def shown():
    lines = systemctl("show", SERVICE, f"--property={','.join(SHOWN)}")["said"].splitlines()
    return dict(line.split("=", 1) for line in lines)


def configure(text):
    os.makedirs(f"{FOLDER}/home/.config/hook-supervisor", exist_ok=True)
    with open(f"{FOLDER}/home/.config/hook-supervisor/config.json", "w") as file:
        file.write(text)


def hook():
    answer = Call("/bin/echo", "served").end()
    return {"stdout": answer["stdout"], "path": answer["explained"]["path"]}


def pid_now():
    return ask("status", OURS)["pid"]


def is_there(pid):
    return os.path.exists(f"/proc/{pid}")


def started():
    answer = {"start": systemctl("start", SERVICE), "hook": hook(), "shown": shown()}
    answer["isMain"] = answer["shown"]["MainPID"] == str(pid_now())
    return answer


def reloaded():
    configure('{ "slotsPerPool": 20 }')
    taken = {"reload": systemctl("reload", SERVICE), "plan": tool("supervisor", "plan"), "hook": hook(), "shown": shown()}
    configure('{ "slotsPerPool": "many" }')
    refused = {"reload": systemctl("reload", SERVICE), "hook": hook(), "shown": shown()}
    configure("{}")
    return {"taken": taken, "refused": refused}


def restarted():
    """On a busy host a new daemon may take longer here than it is given. Then nothing has changed, and it is tried again."""
    for _ in range(5):
        restart = tool("supervisor", "restart")
        if restart["exitCode"] == 0:
            break
    return restart


def replaced():
    before = pid_now()
    restart = restarted()
    wait_for("the end of the first", lambda: not is_there(before))
    time.sleep(2 * WATCHDOG_S)  # signs of life are missed by then, if they do not come from the new one
    return {"restart": restart, "hook": hook(), "shown": shown(), "isMain": shown()["MainPID"] == str(pid_now())}


def stopped_by_signal():
    before = pid_now()
    workers = [worker["pid"] for pool in ask("status", OURS)["status"]["pools"] for worker in pool["workers"]]
    os.kill(before, signal.SIGSTOP)
    wait_for("another daemon", lambda: shown()["NRestarts"] != "0" and shown()["ActiveState"] == "active")
    return {"hook": hook(), "shown": shown(), "isMain": shown()["MainPID"] == str(pid_now()), "left": [*filter(is_there, [before, *workers])]}


def ended():
    group = shown()["ControlGroup"]
    answer = {"stop": systemctl("stop", SERVICE), "shown": shown()}
    return {**answer, "groups": glob.glob(f"/sys/fs/cgroup{group}/*/"), "files": os.listdir(OURS) if os.path.exists(OURS) else []}


def activated():
    answer = {"start": systemctl("start", SOCKET), "before": shown(), "first": hook(), "shown": shown()}
    answer["restart"] = restarted()
    answer["second"] = hook()
    answer["stop"] = systemctl("stop", SERVICE)
    answer["files"] = os.listdir(OURS)
    answer["third"] = hook()
    systemctl("stop", SOCKET, SERVICE)
    answer["after"] = shown()
    answer["filesAfter"] = os.listdir(OURS) if os.path.exists(OURS) else []
    return answer


def main():
    install()
    verify = tool("systemd-analyze", "--user", "verify", f"{UNITS}/{SERVICE}", f"{UNITS}/{SOCKET}")
    said = open(f"{FOLDER}/manager.log", "w")
    manager = subprocess.Popen(["/lib/systemd/systemd", "--user", "--unit=basic.target"], env=ENV, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    wait_for("the manager", lambda: systemctl("list-units")["exitCode"] == 0)
    facts = {"verify": verify}
    try:
        for step in (started, reloaded, replaced, stopped_by_signal, ended, activated):
            facts[step.__name__] = step()
    except Exception as error:  # what was seen until then says more than the error
        status = systemctl("status", SERVICE)["said"]
        raise RuntimeError(f"{error!r}\n{json.dumps(facts)}\n{status}\n{read(f'{FOLDER}/manager.log')[-3000:]}") from error
    manager.terminate()
    manager.wait(timeout=collect.WAIT_S)
    print(json.dumps(facts))


main()
