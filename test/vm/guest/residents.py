"""Validators in Python, forked from one zygote, one of which takes more memory than a task may. Judges nothing: that is for
residents.test.ts. Usage: residents.py PROJECT NODE FOLDER"""
import json
import os
import subprocess

import collect
from collect import CLIENT, ENV, FOLDER, LEAF_FILES, ask, read

BOMB = """
def validate(event, context):
    if event["toolInput"]["command"] == "bomb":
        held = bytearray(300 << 20)
    return {"context": "bomb is calm"}
"""
SIBLING = """
def validate(event, context):
    return {"context": "sibling lives"}
"""


def configure():
    validators = []
    os.mkdir(f"{FOLDER}/validators")
    for name, text, on_failure in (("bomb", BOMB, "block"), ("sibling", SIBLING, "continue")):
        entry = f"{FOLDER}/validators/{name}.py"
        with open(entry, "w") as file:
            file.write(text)
        validators.append({"name": name, "entry": entry, "onFailure": on_failure, "timeoutMs": 60_000})
    collect.configure()
    config = f"{ENV['HOME']}/.config/hook-supervisor/config.json"
    settings = {**json.loads(read(config)), "validators": validators}
    with open(config, "w") as file:
        json.dump(settings, file)


def tell(command):
    event = {
        "hook_event_name": "PreToolUse", "session_id": "s", "cwd": "/", "tool_name": "Bash", "tool_use_id": "t",
        "tool_input": {"command": command},
    }
    argv = [CLIENT, "event", "--agent", "claude"]
    done = subprocess.run(argv, input=json.dumps(event), env=ENV, capture_output=True, text=True, timeout=collect.WAIT_S)
    return {"exitCode": done.returncode, "stdout": done.stdout, "stderr": done.stderr}


def leaf_of(pid):
    group = next((line[3:] for line in read(f"/proc/{pid}/cgroup").splitlines() if line.startswith("0::")), "")
    return {"pid": pid, "group": group, "files": {name: read(f"/sys/fs/cgroup{group}/{name}").strip() for name in LEAF_FILES}}


def seen():
    """The validators, by name, with the leaf of each worker; and that of the zygote."""
    status = ask("status")["status"]
    pools = [pool for pool in status["pools"] if pool["describes"].endswith("for resident workers")]
    zygotes = [worker["pid"] for pool in pools for worker in pool["workers"] if worker["kind"] == "zygote"]
    validators = {one["name"]: {**one, "leaves": [leaf_of(each["pid"]) for each in one["workers"]]} for one in status["validators"]}
    return {"validators": validators, "zygotes": [leaf_of(pid) for pid in zygotes]}


def main():
    configure()
    group = collect.own_group()
    daemon = collect.start_daemon()
    facts = {"group": group, "calm": tell("true"), "before": seen()}
    facts["bomb"], facts["after"] = tell("bomb"), seen()
    facts["again"], facts["end"] = tell("true"), seen()
    ask("stop")
    facts["exit"] = daemon.wait(timeout=collect.WAIT_S)
    facts["groupsLeft"] = sorted(entry.name for entry in os.scandir(f"/sys/fs/cgroup{group}") if entry.is_dir())
    print(json.dumps(facts))


main()
