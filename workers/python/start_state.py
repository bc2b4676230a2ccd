"""How the interpreter looked when it started, before anything of ours changed it."""
import os
import sys

# What else decides how an interpreter starts must be equal in an order: the pool key holds these, we only verify.
KEY_PREFIXES = (b"PYTHON", b"LD_", b"LC_", b"MALLOC_", b"SSL_CERT_")
KEY_NAMES = {
    b"LANG", b"LANGUAGE", b"TZ", b"TZDIR", b"LOCPATH", b"HOME", b"GLIBC_TUNABLES", b"OPENSSL_CONF", b"VIRTUAL_ENV",
    b"SETUPTOOLS_USE_DISTUTILS", b"COVERAGE_PROCESS_START",
}


def environment_at_exec():
    with open("/proc/self/environ", "rb") as environ:
        return [entry for entry in environ.read().split(b"\0") if entry]


def as_dict(entries):
    """As os.environ is made: the first of two equal names wins, an entry without '=' is left out."""
    environ = {}
    for entry in entries:
        name, separator, value = entry.partition(b"=")
        if separator:
            environ.setdefault(name, value)
    return environ


def key_variables(environ):
    return {n: v for n, v in environ.items() if n in KEY_NAMES or n.startswith(KEY_PREFIXES)}


def coerced_locale():
    """The LC_CTYPE that CPython put into its environment by itself (PEP 538); None if it did not."""
    value = os.environb.get(b"LC_CTYPE")
    return None if value == as_dict(environment_at_exec()).get(b"LC_CTYPE") else value


def problem():
    """Why this start cannot be repeated for another environment, or None."""
    expected = as_dict(environment_at_exec())
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

    def __init__(self, main_names):
        self.main_names = main_names
        self.coerced_locale = coerced_locale()
        self.environment = environment_at_exec()
        self.key_variables = key_variables(as_dict(self.environment))
        self.stamps = load("stale").take_stamps()
        self.streams = load("streams").describe()
        self.has_usual_path_hooks = has_usual_path_hooks()
        self.has_path0 = not (sys.flags.isolated or getattr(sys.flags, "safe_path", False))
        with open("/proc/self/cmdline", "rb") as cmdline:
            arguments = cmdline.read().split(b"\0")
        text_at = arguments.index(b"-c")
        self.flags, self.command_line = arguments[1:text_at], arguments[: text_at + 3]  # the text, our folder

    def note_inherited(self):
        """What orders are compared with; once the modules for it are there."""
        self.ignored_signals, self.limits = ignored_signals(), limits()

    def inherited(self):
        """What an order would hold to which everything is as it is."""
        umask = os.umask(0o77)
        os.umask(umask)
        return (umask, os.getpriority(os.PRIO_PROCESS, 0), self.ignored_signals, *self.limits)
