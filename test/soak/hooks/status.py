"""Ends with the status its argument says, whatever else it writes."""
import sys

event = sys.stdin.read()
sys.stdout.write(event)
sys.stderr.write("e:" + event)
sys.exit(int(sys.argv[1]))
