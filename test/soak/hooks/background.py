"""Leaves a process behind that holds none of its streams."""
import subprocess
import sys

subprocess.Popen(["sleep", "0.4"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(sys.stdin.read())
