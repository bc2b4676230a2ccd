"""sys.stdin, sys.stdout and sys.stderr, made for the pipes as CPython's create_stdio() makes them."""
import io
import os
import sys


def describe():
    """(encoding, errors, unbuffered) of each stream as the interpreter chose them at its start."""
    return [(stream.encoding, stream.errors, stream.write_through) for stream in (sys.stdin, sys.stdout, sys.stderr)]


def create(fd, name, mode, encoding, errors, unbuffered):
    buffered = io.open(fd, mode + "b", 0 if unbuffered and mode == "w" else -1, None, None, None, False)
    raw = buffered if isinstance(buffered, io.RawIOBase) else buffered.raw
    raw.name = name
    line_buffering = fd == 2 and not unbuffered and sys.version_info >= (3, 9)
    stream = io.TextIOWrapper(buffered, encoding, errors, "\n", line_buffering, unbuffered)
    stream.mode = mode
    return stream


def install_for_pipes(described):
    """Once, in the zygote: a stream knows its descriptor by number and of the pipe only that it is one. So each child
    finds its streams made."""
    ours = [os.dup(fd) for fd in range(3)]
    ends = os.pipe()
    for fd in range(3):
        os.dup2(ends[fd > 0], fd)
    with create(1, "<rehearsal>", "w", "utf-8", "strict", False) as first:  # so that children need not look up write()
        first.write("x")
    sys.stdin = sys.__stdin__ = create(0, "<stdin>", "r", *described[0])
    sys.stdout = sys.__stdout__ = create(1, "<stdout>", "w", *described[1])
    sys.stderr = sys.__stderr__ = create(2, "<stderr>", "w", *described[2])
    for fd in range(3):
        os.dup2(ours[fd], fd)
    for fd in (*ours, *ends):
        os.close(fd)
