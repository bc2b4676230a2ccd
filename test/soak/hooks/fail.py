"""Reads its event and fails on it: the traceback holds the event."""
import sys


def judge(event):
    print("judging", event)
    raise ValueError(event)


judge(sys.stdin.read())
