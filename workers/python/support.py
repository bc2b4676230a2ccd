"""Which interpreters and settings a zygote can serve faithfully. What it cannot, the pool runs by exec."""
import os
import sys

VERSIONS_TESTED = ((3, 8), (3, 13))
X_OPTIONS = {
    "utf8", "dev", "no_debug_ranges", "pycache_prefix", "int_max_str_digits", "frozen_modules", "faulthandler",
    "warn_default_encoding", "cpu_count",
}
# These print at start or end, open a prompt, or trace: their effect began before the fork or comes after the answer. With
# tracemalloc even an allocation looks for the thread state that frames.c is replacing.
VARIABLES_REFUSED = (
    "PYTHONINSPECT", "PYTHONVERBOSE", "PYTHONDEBUG", "PYTHONPROFILEIMPORTTIME", "PYTHONDUMPREFS", "PYTHONDUMPREFSFILE",
    "PYTHONMALLOCSTATS", "PYTHONTHREADDEBUG", "PYTHONPERFSUPPORT", "PYTHON_PERF_JIT_SUPPORT", "PYTHON_GIL",
    "PYTHONTRACEMALLOC", "PYTHONMALLOC",
)
# A relative path in these means another folder for every cwd.
VARIABLES_WITH_PATHS = ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX", "HOME")


def refusal():
    """Why this interpreter cannot be a zygote, in a few words; None if it can."""
    version = sys.version_info[:2]
    if sys.implementation.name != "cpython" or not VERSIONS_TESTED[0] <= version <= VERSIONS_TESTED[1]:
        return "untested interpreter %s %d.%d" % ((sys.implementation.name,) + version)
    if getattr(sys, "abiflags", "") or sys.maxsize != 2**63 - 1:
        return "not a default 64-bit build"
    flags = sys.flags
    if flags.inspect or flags.interactive or flags.debug or flags.verbose:
        return "a flag among -i -d -v"
    if flags.dev_mode and version < (3, 11):  # its checked allocator did not make the thread state that we free
        return "-X dev before 3.11"
    unknown = set(sys._xoptions) - X_OPTIONS
    if unknown:
        return "-X " + ", ".join(sorted(unknown))
    for stream, original in ((sys.stdin, sys.__stdin__), (sys.stdout, sys.__stdout__), (sys.stderr, sys.__stderr__)):
        if stream is None or stream is not original:
            return "standard streams closed or replaced at start"
    if sys.gettrace() or sys.getprofile():
        return "traced from the start"
    if len(os.listdir("/proc/self/task")) > 1:
        return "threads run from the start"
    return None if flags.ignore_environment else refusal_by_environment(os.environ)


def refusal_by_environment(environ):
    for name in VARIABLES_REFUSED:
        if environ.get(name):
            return name
    for name in VARIABLES_WITH_PATHS:
        value = environ.get(name, "")
        if value and not all(part.startswith("/") for part in value.split(":")):
            return "relative path in " + name
    return None
