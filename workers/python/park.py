"""A parked process: adopted, placed, warmed, and waiting for its one order."""
import os
import sys

modules, wire, run, learned = load("modules"), load("wire"), load("run"), load("learned")

# Run in the zygote, and where there is no scout while parking, so that the hook does not pay for the pages it touches.
REHEARSAL = """
import json, pathlib, re, subprocess, sys, io
def visit(value, depth=0):
    return {key: visit(item, depth + 1) for key, item in value.items()} if isinstance(value, dict) else value
class Thing:
    def __init__(self, name):
        self.name = name
event = '{"tool_name": "Bash", "tool_input": {"command": "ls -la", "n": [1, 2.5, null, true]}, "cwd": "/etc"}'
read = io.TextIOWrapper(io.BufferedReader(io.BytesIO(event.encode())), "utf-8")
text = json.dumps(visit(json.load(read)))
print(text, file=io.StringIO())
pattern = re.compile(r"(?:^|[;&|]\\s*)\\b(rm|git\\s+push)\\b.*?\\s-\\w*[rf]+(?P<end>[^a-z_]{2,3}|$)")
found = [match.group(0) for match in pattern.finditer(text)] or re.split(r"\\s+", re.sub("[\\"{]", "", text))
path = pathlib.PurePath("/etc") / Thing("hosts.txt").name
name, folder, size = path.name, str(path.parent), f"{len(found)} {text:.9}" + "%s %d {}".format(len(found)) % (text, len(found))
path.is_absolute(), path.suffix, path.parts
try:
    raise ValueError(name)
except ValueError as error:
    kept = str(error)
sorted(set(found), key=len)
re.purge()
"""
TIMES_BEFORE_FORKS = 3  # until the interpreter has stopped rewriting the code that it runs


def warm_up(frames, start):
    """Touches what hooks touch, without a visible effect."""
    visible = set(sys.modules)
    run.rehearse(frames, start)
    exec(compile(REHEARSAL, "<rehearsal>", "exec", dont_inherit=True), {})
    modules.hide_again(visible)


def wait_for_job(frames, start, learn_fd, pages):
    """Parks, waits, and prepares the order; the job that frames.run() is to execute. Leaves where there is none."""
    frames.take_place(learn_fd)
    modules.refresh_visible()
    if pages and frames.touch_pages(pages):
        run.rehearse(frames, start)
    else:
        warm_up(frames, start)
    modules.module_at("gc").freeze()
    start.make_main()
    frames.report(wire.PARK_READY)
    received = frames.receive_order()
    if received is None:
        os._exit(0)
    job = run.prepare(frames, start, *received)
    if job is None:
        frames.report(wire.PARK_DECLINED)
        os._exit(0)
    learned.tell_zygote(is_run=True)
    frames.leave_parking()
    return job
