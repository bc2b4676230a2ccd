"""Main scripts that the zygote has compiled because hooks ran them. CPython keeps the code of modules, but never that of the
script itself: to compile it is most of what a longer hook costs.

Code belongs to the very bytes it was made of, and a process compares them with those of the script that it has just read.
So a script that was edited, replaced or linked anew is compiled as ever, whatever its stamps say; and whoever names a script
to the zygote can at most make it compile one, never make a hook run other code than its own.
"""
import os
import sys

modules, wire = load("modules"), load("wire")
crc32 = modules.module_at("binascii").crc32

table = {}  # path as in co_filename -> [source, code]; in a process that has taken it, [source]
unknown = []  # of this process: what the zygote may be told, once it is sure that the script runs


def take(filename, source):
    """The code of these bytes under this name, or None. It is no longer ours: a hook may count references."""
    entry = table.get(filename)
    if entry is None or len(entry) < 2 or entry[0] != source:
        if filename.startswith("/") and len(source) <= wire.SCRIPT_MAX_BYTES:  # before 3.9 it may be as in argv
            unknown[:] = [wire.SCRIPT_NUMBER.pack(crc32(source)) + os.fsencode(filename)]
        return None
    sys.audit("compile", source, filename)
    return entry.pop()


def tell_zygote(is_run):
    """Before any user code, which never has this socket. What finds no room in it is lost: the next process tells it again."""
    if is_run and unknown and len(unknown[0]) <= wire.SCRIPT_REPORT_MAX_BYTES:
        try:
            os.write(wire.LEARN_FD, unknown[0])
        except OSError:
            pass
    unknown.clear()
