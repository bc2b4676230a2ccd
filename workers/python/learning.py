"""How the zygote learns, while nobody waits for it: parked processes name scripts that they had to compile; it compiles them
too, for the processes it forks from then on, and imports what they import (see learned.py and learnable.py).

Code is added to the zygote as it is. Modules are not, nor is anything ever taken out: for that the zygote executes itself
anew, which takes as long as its first start and leaves no holes in its memory.
"""
import os

modules, wire, run, learned, learnable = (load(name) for name in ("modules", "wire", "run", "learned", "learnable"))
_socket, gc, select, time = (modules.module_at(name) for name in ("_socket", "gc", "select", "time"))

QUIET_MS = 100  # without a request, before it learns
LATEST_S = 1.0  # under constant load: so long after it was told, one script before each request
SCRIPTS_MAX = 64  # in one life
SOURCES_MAX_BYTES = 1 << 20  # in one life; as code they take some twenty times as much
FULL_LIFE_S = 60.0  # a zygote that is full lives so long at least


class Learner:
    """arguments: of an earlier life, which has left its socket and names of modules to us."""

    def __init__(self, frames, start, pool_bytes, arguments):
        self.frames, self.start, self.pool_bytes, self.imported = frames, start, pool_bytes, arguments[1:]
        if arguments:
            self.reader, self.writer = map(int, arguments[0].split(":"))
            for fd in (self.reader, self.writer):
                os.set_inheritable(fd, False)
        else:
            self.reader, self.writer = (end.detach() for end in _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET))
        os.set_blocking(self.writer, False)  # for all who inherit it
        self.poller = select.poll()
        self.poller.register(wire.ZYGOTE_FD, select.POLLIN)
        self.poller.register(self.reader, select.POLLIN)
        if start.watch_fd >= 0:
            self.poller.register(start.watch_fd, select.POLLIN)
        self.born_at = time.monotonic()
        self.waiting = {}  # path -> report
        self.reports = {}  # path -> report that its code was made after
        self.wanted = set()  # modules
        self.studied_count = self.studied_bytes = 0
        self.is_settled, self.told_at = not self.imported, None

    def wait_for_request(self):
        """True as soon as the keeper wants something; False when memory is no more as it was."""
        is_quiet = False
        while True:
            idle = self.is_settled and not self.waiting
            ready = [fd for fd, _ in self.poller.poll(None if idle else 0 if is_quiet else QUIET_MS)]
            if self.reader in ready:
                self.be_told(os.read(self.reader, wire.SCRIPT_REPORT_MAX_BYTES))
            if self.start.watch_fd in ready and not self.frames.settle_watch(self.start.watched):
                self.poller.unregister(self.start.watch_fd)
            is_late = self.told_at is not None and time.monotonic() - self.told_at > LATEST_S
            is_quiet = not ready
            was_settled = self.is_settled
            if is_quiet or is_late:
                self.take_a_step()
            if wire.ZYGOTE_FD in ready:
                return True
            if self.is_settled and not was_settled:
                return False

    def be_told(self, report):
        path = os.fsdecode(report[wire.SCRIPT_NUMBER.size :])
        if self.reports.get(path) == report:
            return
        if self.is_full():
            self.is_settled = self.is_settled and not self.is_old()
            return
        self.waiting[path] = report
        self.told_at = self.told_at or time.monotonic()

    def is_full(self):
        return self.studied_count + len(self.waiting) >= SCRIPTS_MAX or self.studied_bytes >= SOURCES_MAX_BYTES

    def is_old(self):
        return time.monotonic() - self.born_at >= FULL_LIFE_S

    def take_a_step(self):
        if self.waiting:
            self.is_settled = False
            path = next(iter(self.waiting))
            self.study(path, self.waiting.pop(path))
        elif not self.is_settled:
            self.settle()

    def study(self, path, report):
        """Compiles a script as it is now, if that is what a parked process of ours has compiled without complaint."""
        found = self.frames.read_script(os.fsencode(path))
        if found is None or wire.SCRIPT_NUMBER.pack(learned.crc32(found[0])) != report[: wire.SCRIPT_NUMBER.size]:
            return
        self.studied_count += 1
        self.studied_bytes += len(found[0])
        if not run.is_plain_source(path, found[0]):
            return
        try:
            code = run.compile_strictly(found[0], path)
        except run.UNFIT:
            return
        learned.table[path], self.reports[path] = [found[0], code], report
        # Once is enough to try: not every version has each.
        self.wanted |= learnable.worth_importing(code, {*modules.hidden, *modules.state["baseline"], *self.imported})

    def settle(self):
        """So that children find all of it in pages that they do not write to."""
        self.is_settled, self.told_at = True, None
        if self.wanted:
            self.live_again(self.reports.values())
        if self.is_full() and self.is_old():
            self.live_again([])
        gc.collect()
        self.frames.fill_holes(self.pool_bytes)
        gc.freeze()
        self.tell_keeper()

    def tell_keeper(self):
        counts = len(learned.table), len(self.imported)
        try:
            os.write(wire.ZYGOTE_FD, wire.ZYGOTE_MESSAGE.pack(wire.ZYGOTE_LEARNED, *counts, 0, 0, 0))
        except OSError:
            pass  # gone: the next request says so

    def live_again(self, reports):
        """Executes the interpreter as the keeper did. What the next life shall compile again lies in its socket."""
        for report in reports:
            try:
                os.write(self.writer, report)
            except OSError:
                break
        for fd in (self.reader, self.writer):
            os.set_inheritable(fd, True)
        names = sorted({*self.imported, *self.wanted})
        self.frames.set_environ(load("start_state").joined(self.start.environment), len(self.start.environment))
        os.execv(self.start.command_line[0], [*self.start.command_line, "%d:%d" % (self.reader, self.writer), *names])
