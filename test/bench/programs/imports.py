"""A hook with the imports that hooks usually have: reads its event, decides, answers."""
import json
import pathlib
import re
import subprocess
import sys

event = json.load(sys.stdin)
command = event['tool_input']['command']
refused = re.search(r"\brm\s+-\w*r", command) and pathlib.PurePath(command.split()[-1]).is_absolute()
if refused:
    sys.exit(2)
print(json.dumps({'decision': 'allow', 'id': event['tool_use_id']}))
