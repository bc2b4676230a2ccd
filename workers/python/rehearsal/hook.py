"""What most hooks do: read the event, look at it, answer. Run by the scout, see scout.py."""
import json
import pathlib
import re
import subprocess
import sys


class Finding:
    def __init__(self, name):
        self.name = name


def visit(value):
    return {key: visit(item) for key, item in value.items()} if isinstance(value, dict) else value


event = visit(json.load(sys.stdin))
command = event["tool_input"]["command"]
pattern = re.compile(r"(?:^|[;&|]\s*)\b(rm|git\s+push)\b.*?\s-\w*[rf]+(?P<end>[^a-z_]{2,3}|$)")
found = [match.group(0) for match in pattern.finditer(command)] or re.split(r"\s+", re.sub('["{]', "", command))
path = pathlib.PurePath("/etc") / Finding("hosts.txt").name
try:
    raise ValueError(path.name)
except ValueError as error:
    kept = str(error)
print(kept, f"{len(found)} {command:.9}", "%s {}".format(str(path.parent)) % path.suffix, file=sys.stderr)
print(json.dumps({"decision": "allow", "id": event["tool_use_id"], "found": sorted(set(found), key=len)}))
