"""How the interpreter looked when it started, before anything of ours changed it."""
import os
import sys


def environment_at_exec():
    with open("/proc/self/environ", "rb") as environ:
        return [entry for entry in environ.read().split(b"\0") if entry]


def joined(entries):
    return b"".join(entry + b"\0" for entry in entries)


def coerced_locale(environ):
    """The LC_CTYPE that CPython put into its environment by itself (PEP 538); None if it did not."""
    value = os.environb.get(b"LC_CTYPE")
    return None if value == environ.get(b"LC_CTYPE") else value


def problem(frames):
    """Why this start cannot be repeated for another environment, or None."""
    expected, _ = frames.environ_of(joined(environment_at_exec()))
    actual = dict(os.environb)
    expected.pop(b"LC_CTYPE", None)
    actual.pop(b"LC_CTYPE", None)
    return None if expected == actual else "the environment was changed during start (a .pth file?)"


def ignored_signals():
    """As the bits of an order."""
    _signal = load("modules").module_at("_signal")
    return sum(1 << n - 1 for n in range(1, 65) if _signal.getsignal(n) == _signal.SIG_IGN)


def has_usual_path_hooks():
    """Those for archives and for folders, which both turn down an ordinary file."""
    kinds = [getattr(hook, "__module__", "") + "." + getattr(hook, "__qualname__", "") for hook in sys.path_hooks]
    return kinds == ["zipimport.zipimporter", "_frozen_importlib_external.FileFinder.path_hook.<locals>.path_hook_for_FileFinder"]


def limits():
    """Soft and hard of each, as the numbers of an order."""
    resource = load("modules").module_at("resource")
    return [limit % 2**64 for which in range(load("wire").RLIMITS) for limit in resource.getrlimit(which)]


class StartState:
    """Taken once in the zygote, read by every parked process."""

    def __init__(self, frames, main_names):
        self.main_names, self.main = main_names, None
        self.environment = environment_at_exec()
        environ, self.key_variables = frames.environ_of(joined(self.environment))
        self.coerced_locale = coerced_locale(environ)
        self.stamps = load("stale").take_stamps()
        self.streams = load("streams").describe()
        self.has_usual_path_hooks = has_usual_path_hooks()
        self.has_path0 = not (sys.flags.isolated or getattr(sys.flags, "safe_path", False))
        with open("/proc/self/cmdline", "rb") as cmdline:
            arguments = cmdline.read().split(b"\0")
        text_at = arguments.index(b"-c")
        self.flags, self.command_line = arguments[1:text_at], arguments[: text_at + 3]  # the text, our folder

    def watch(self, frames, stamps):
        """Has the kernel tell of changes of these files, and of all that decides how the interpreter starts."""
        self.watched = self.stamps + b"".join(stamps)
        self.watch_fd, absent = frames.watch(self.watched)
        self.absent = self.stamps if absent is None else b"".join(absent)

    def note_inherited(self):
        """What orders are compared with; once the modules for it are there."""
        self.ignored_signals, self.limits = ignored_signals(), limits()
        stack_max_bytes = self.limits[2 * load("modules").module_at("resource").RLIMIT_STACK]
        environs = os.environ._data, sys.modules["posix"].environ
        self.native = (  # for take_order(), see enum there
            self.flags, self.key_variables, os.fsencode(sys.executable), load("run").is_executable, self.stamps,
            self.absent, self.coerced_locale, environs, stack_max_bytes,
        )

    def make_main(self):
        """A __main__ as a fresh interpreter has it, ahead of the order."""
        main = self.main = type(sys)("__main__")
        for name, value in self.main_names.items():
            setattr(main, name, {} if name == "__annotations__" else value)

    def take_main(self):
        if self.main is None:
            self.make_main()
        main, self.main = self.main, None
        return main

    def inherited(self):
        """What an order would hold to which everything is as it is."""
        umask = os.umask(0o77)
        os.umask(umask)
        return (umask, os.getpriority(os.PRIO_PROCESS, 0), self.ignored_signals, *self.limits)
