"""Finds out which pages of the zygote's memory a hook touches, so that parked processes have them at hand before their order
comes. A scout is forked as they are, runs a hook to its end, tells, and is gone."""
import os

modules, run, streams = load("modules"), load("run"), load("streams")
select, signal = modules.module_at("select"), modules.module_at("_signal")

EVENT = b'{"tool_name": "Bash", "tool_use_id": "toolu_01", "tool_input": {"command": "ls -la", "n": [1, 2.5, null]}}\n'
TELLS_WITHIN_MS = 2000
PAGES_MAX_BYTES = 32 * 1024


def explore(frames, start):
    """(pages for frames.touch_pages(), None), without pages where the kernel does not tell. In the scout: (None, job)."""
    reader, writer = os.pipe()
    pid = frames.fork_scout(writer)
    if pid == 0:
        return None, become_hook(frames, start)
    os.close(writer)
    pages = b""
    poller = select.poll()
    poller.register(reader, select.POLLIN)
    if pid > 0 and poller.poll(TELLS_WITHIN_MS):
        pages = os.read(reader, PAGES_MAX_BYTES)
    os.close(reader)
    if pid > 0:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return pages, None


def become_hook(frames, start):
    event, output = os.pipe(), os.pipe()  # the far ends stay open with us; what the hook writes has room in the pipe
    os.write(event[1], EVENT)
    os.close(event[1])
    for fd, end in enumerate((event[0], output[1], output[1])):
        os.dup2(end, fd)
    modules.refresh_visible()
    modules.module_at("gc").freeze()
    order = run.order_of(start, os.path.dirname(os.fsencode(streams.__file__)) + b"/rehearsal/hook.py")
    cwd_fd = os.open("/", os.O_RDONLY | os.O_CLOEXEC)
    job = run.prepare(frames, start, order, cwd_fd)
    if job is None:
        os._exit(1)
    return job
