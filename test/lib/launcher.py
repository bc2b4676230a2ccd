"""Runs commands as a coding agent does (own session, no tty, default signals, piped stdio) and tells what they did.

One request per line on stdin, one answer per line on stdout, both JSON. Strings are byte strings: each character is one
byte (latin-1). Real pipes, where Node would give a child socket pairs: a hook that opens /dev/stdout can do so on a pipe.
"""
import hashlib
import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import time

INLINE_MAX_BYTES = 256 * 1024  # longer output is answered by its length and digest
READ_BYTES = 256 * 1024


def as_bytes(text):
    return text.encode('latin-1')


def boot_time_ns():
    """The clock of /proc/uptime, which any hook can read."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def stdin_pieces(stdin):
    """[(pause before it in seconds, bytes)]"""
    return [(piece.get('afterMs', 0) / 1000, as_bytes(piece['data']) * piece.get('repeat', 1)) for piece in stdin['pieces']]


def prepare_child(request):
    """What an agent's own process would hand down: runs in the child, before the command."""
    for name, limits in request.get('rlimits', {}).items():
        resource.setrlimit(getattr(resource, 'RLIMIT_' + name), tuple(limits))
    for number in request.get('ignoredSignals', []):
        signal.signal(number, signal.SIG_IGN)
    if request.get('niceAdd'):
        os.nice(request['niceAdd'])
    if request.get('deletedCwd'):
        folder = as_bytes(request['cwd']) + b'-deleted'
        os.mkdir(folder)
        os.chdir(folder)
        os.rmdir(folder)


class Stream:
    """One output of the command, kept whole while it is small."""

    def __init__(self, pipe, close_after_bytes=None):
        self.fd = pipe.fileno()
        self.pipe = pipe
        self.close_after_bytes = close_after_bytes
        self.kept = bytearray()
        self.digest = hashlib.sha256()
        self.length = 0
        self.first_byte_ns = None

    def read(self):
        """True: there may be more."""
        wanted = READ_BYTES if self.close_after_bytes is None else self.close_after_bytes - self.length
        data = os.read(self.fd, wanted) if wanted > 0 else b''
        if not data:
            return False
        self.first_byte_ns = self.first_byte_ns or boot_time_ns()
        self.length += len(data)
        self.digest.update(data)
        if self.length <= INLINE_MAX_BYTES:
            self.kept += data
        return self.close_after_bytes is None or self.length < self.close_after_bytes

    def report(self):
        if self.length <= INLINE_MAX_BYTES:
            return self.kept.decode('latin-1')
        return f'{self.length} bytes, sha256 {self.digest.hexdigest()}'


class Run:
    def __init__(self, request):
        self.request = request
        merged = request.get('mergedOutput', False)
        self.pieces = stdin_pieces(request['stdin'])
        self.started = time.monotonic()
        self.child = subprocess.Popen(
            [as_bytes(argument) for argument in request['argv']],
            env=dict(as_bytes(entry).split(b'=', 1) for entry in request['env']),
            cwd=as_bytes(request['cwd']),
            umask=request.get('umask', 0o022),
            bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            start_new_session=True, preexec_fn=lambda: prepare_child(request))
        self.exit_fd = os.pidfd_open(self.child.pid)
        self.exited_ns = None
        self.unwritten = b''
        self.write_at = self.started + (self.pieces[0][0] if self.pieces else 0)
        os.set_blocking(self.child.stdin.fileno(), False)
        self.outputs = {'stdout': Stream(self.child.stdout, request.get('closeStdoutAfterBytes'))}
        if not merged:
            self.outputs['stderr'] = Stream(self.child.stderr)
        self.open_outputs = 0
        self.selector = selectors.DefaultSelector()
        for stream in self.outputs.values():
            if stream.close_after_bytes == 0:
                stream.pipe.close()
                continue
            self.selector.register(stream.fd, selectors.EVENT_READ, stream)
            self.open_outputs += 1
        self.selector.register(self.exit_fd, selectors.EVENT_READ, 'exit')
        self.writing = False
        self.finish_writing_if_done()

    def finish_writing_if_done(self):
        stdin = self.child.stdin
        if not self.unwritten and not self.pieces and not self.request['stdin'].get('keepOpen') and not stdin.closed:
            self.set_writing(False)
            stdin.close()

    def set_writing(self, wanted):
        if wanted != self.writing:
            self.writing = wanted
            if wanted:
                self.selector.register(self.child.stdin.fileno(), selectors.EVENT_WRITE, 'stdin')
            else:
                self.selector.unregister(self.child.stdin.fileno())

    def feed(self):
        """Queues the next piece of stdin when its time has come."""
        if not self.unwritten and self.pieces and time.monotonic() >= self.write_at and not self.child.stdin.closed:
            self.unwritten = memoryview(self.pieces.pop(0)[1])
            self.write_at = time.monotonic() + (self.pieces[0][0] if self.pieces else 0)
            self.set_writing(len(self.unwritten) > 0)
        self.finish_writing_if_done()

    def write(self):
        try:
            self.unwritten = self.unwritten[os.write(self.child.stdin.fileno(), self.unwritten[:READ_BYTES]):]
        except BlockingIOError:
            return
        except BrokenPipeError:  # the command does not read (all of) its stdin: no failure
            self.unwritten, self.pieces = b'', []
            self.set_writing(False)
            self.child.stdin.close()
            return
        if not self.unwritten:
            self.set_writing(False)
            self.finish_writing_if_done()

    def step(self):
        for key, _ in self.selector.select(0.01 if self.pieces else 0.2):
            if key.data == 'stdin':
                self.write()
            elif key.data == 'exit':
                self.exited_ns = boot_time_ns()
                self.selector.unregister(self.exit_fd)
            elif not key.data.read():
                self.selector.unregister(key.data.fd)
                key.data.pipe.close()
                self.open_outputs -= 1

    def result(self):
        kill_at, timed_out = self.started + self.request.get('timeoutMs', 20000) / 1000, False
        signals = [(self.started + item['afterMs'] / 1000, item['signal']) for item in self.request.get('signals', [])]
        while self.open_outputs or self.exited_ns is None:
            self.feed()
            self.step()
            now = time.monotonic()
            while signals and now >= signals[0][0]:
                os.kill(self.child.pid, signals.pop(0)[1])
            if now > kill_at:
                if timed_out:
                    break  # somebody outside the command's group holds the pipes
                timed_out, kill_at = True, now + 1
                os.killpg(self.child.pid, signal.SIGKILL)
        status = self.child.wait()
        for stream in [self.child.stdin, *(output.pipe for output in self.outputs.values())]:
            stream.close()
        os.close(self.exit_fd)
        self.selector.close()
        return {
            'exitCode': status if status >= 0 else None,
            'signal': -status if status < 0 else None,
            'timedOut': timed_out,
            'pid': self.child.pid,
            'stdout': self.outputs['stdout'].report(),
            'stderr': self.outputs['stderr'].report() if 'stderr' in self.outputs else '',
            'firstStdoutAtNs': self.outputs['stdout'].first_byte_ns,
            'exitedAtNs': self.exited_ns,
            'tookMs': (time.monotonic() - self.started) * 1000,
        }


def main():
    for line in sys.stdin:
        try:
            answer = Run(json.loads(line)).result()
        except OSError as error:
            answer = {'launchError': str(error)}
        print(json.dumps(answer), flush=True)


main()
