"""Modules imported by the zygote ahead of the hook, and hidden from it until it imports them itself.

A hook's `import json` then costs microseconds, yet sys.modules, shadowing by files beside the script, and names that work
only after somebody else's import are as in a direct run. Nothing is put back that the import system would not have found
just now: any doubt, and the import happens by path as ever.
"""
import _frozen_importlib as bootstrap
import builtins
import posix
import sys

# Of the standard library only; nothing that registers exit handlers, reads the clock or draws a secret as it is imported
# (those that do are named in RENEWED).
WARM = """
json re pathlib subprocess shutil shlex argparse datetime hashlib collections collections.abc functools itertools typing
dataclasses enum tempfile fnmatch glob textwrap string traceback urllib.parse base64 uuid random contextlib copy math
signal socket select threading operator types warnings inspect ast struct getpass pwd platform queue csv difflib hmac
secrets importlib importlib.util runpy linecache locale tokenize logging configparser html unicodedata errno stat binascii
bisect heapq decimal numbers time io atexit pkgutil zlib gc resource _socket
""".split()

hidden = {}  # name -> module
requests = {}  # name -> names asked for while it was being imported, in order
bound = set()  # names to be set as an attribute of their package, which does not import them itself
files = {}  # name -> (path, packed stamp) of a module that came from a file
plans = {}  # name -> what its import puts back, see plan_for()
restored = {}  # name -> module put back
state = {}
PLAN_ENTRIES_MAX = 512  # imports.c has room for so many


def stamp(path):
    """What changes when a file or folder does; None where it is absent."""
    try:
        s = posix.stat(path)
    except (OSError, ValueError):
        return None
    return s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns


def packed_stamp(path):
    """The stamp and its path for frames.unchanged(); see struct packed_stamp there. No entry for what can never be."""
    name, known = path.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()), stamp(path)
    if b"\0" in name:
        return b""
    numbers = (0,) * 6 if known is None else (1,) + known
    return b"".join((number & 2**64 - 1).to_bytes(8, "little") for number in numbers) + name + b"\0"


def module_file(module):
    spec = getattr(module, "__spec__", None)
    return spec.origin if spec is not None and getattr(spec, "has_location", False) else None


def import_recorded(names):
    """Imports names, noting which module asks for which. Replaces two of the import system's functions meanwhile."""
    loading, find_and_load, import_ = [None], bootstrap._find_and_load, builtins.__import__

    known = set(sys.modules)

    def note_aliases():
        """What the module at hand entered under another name, as importlib does with importlib._bootstrap."""
        for name in [name for name in sys.modules if name not in known]:
            known.add(name)
            if name not in requests and loading[-1] is not None:
                requests[loading[-1]].append(name)

    def note(name):
        note_aliases()
        if loading[-1] is not None:
            requests[loading[-1]].append(name)

    def find_and_load_noting(name, gcd_import):
        note(name)
        if name in sys.modules:
            return find_and_load(name, gcd_import)
        requests[name] = []
        loading.append(name)
        try:
            module = find_and_load(name, gcd_import)
            note_aliases()
        finally:
            loading.pop()
        bound.add(name)
        return module

    def import_noting(name, globals=None, locals=None, fromlist=(), level=0):
        if level:
            absolute = bootstrap._resolve_name(name, bootstrap._calc___package__(globals), level)
        else:
            absolute = name
        note(absolute)
        module = import_(name, globals, locals, fromlist, level)
        for item in fromlist or ():
            if absolute + "." + item in sys.modules:
                note(absolute + "." + item)
        return module

    bootstrap._find_and_load, builtins.__import__ = find_and_load_noting, import_noting
    try:
        for name in names:
            try:
                import_noting(name)
            except ImportError:
                pass  # not in this version, or an extension that was left out of the build
    finally:
        bootstrap._find_and_load, builtins.__import__ = find_and_load, import_


def hide(visible):
    """Takes every module that is not among the visible names out of sys.modules and out of its package."""
    for name in [name for name in sys.modules if name not in visible]:
        hidden[name] = sys.modules.pop(name)
        path = module_file(hidden[name])
        if path is not None:
            files[name] = (path, packed_stamp(path))
    for name, module in hidden.items():
        parent, _, child = name.rpartition(".")
        package = hidden.get(parent) or sys.modules.get(parent)
        is_its_own = package is not None and name in pulled_in(parent, set())
        if name in bound and not is_its_own and package is not None and package.__dict__.get(child) is module:
            delattr(package, child)
        else:
            bound.discard(name)


def prepare(frames, modules_at_start, learned):
    """Imports and hides; afterwards imports go through imports.c first. learned: names beyond WARM."""
    visible = modules_at_start - {"linecache"}  # 3.13 loads it for -c only
    state["finders"], state["library"] = list(sys.path_importer_cache), sys.modules["os"].__file__.rpartition("/")[0]
    import_recorded(["atexit"])
    atexit = sys.modules["atexit"]
    handlers_from_start = atexit._ncallbacks()
    wanted = [*WARM, *learned]
    import_recorded(wanted)
    if "logging" not in visible:
        atexit.unregister(sys.modules["logging"].shutdown)
    if not handlers_from_start:
        atexit._clear()  # an unregistered handler is still counted
    hide(visible)
    for cache in ("cache", "_interactive_cache"):
        getattr(hidden["linecache"], cache, {}).clear()
    state["baseline"] = {name: sys.modules[name] for name in visible if name in sys.modules}
    state["dynload"] = [path for path in sys.path if path == state["library"] + "/lib-dynload"]
    state["meta_path"], state["path_hooks"] = list(sys.meta_path), list(sys.path_hooks)
    # Finders of the library's folders stay warm; the others would keep listings of folders that change.
    for path in list(sys.path_importer_cache):
        if path not in state["finders"] and not path.startswith(state["library"]):
            del sys.path_importer_cache[path]
    plans.update((name, plan_for(name)) for name in wanted if name in hidden)
    frames.set_import(
        hidden, plans, restored, plan_for, bootstrap._find_and_load, state["library"], state["dynload"],
        state["meta_path"], state["path_hooks"],
    )
    bootstrap._find_and_load = frames.find_and_load


def pulled_in(name, found):
    """All that the import of a module imports."""
    for other in requests.get(name, ()):
        if other not in found:
            found.add(other)
            pulled_in(other, found)
    return found


def hide_again(visible):
    """After a rehearsal: what is visible beyond these names is hidden once more."""
    restored.clear()
    for name in [name for name in sys.modules if name not in visible]:
        module = sys.modules.pop(name)
        if name in bound:
            parent, _, child = name.rpartition(".")
            vars(module_at(parent)).pop(child, None)


def module_at(name):
    """A module for our own use, hidden or not."""
    return hidden.get(name) or sys.modules[name]


def plan_for(name):
    """What an import of name enters into sys.modules, and on what conditions imports.c may put it back; None if on none:
    the hidden modules in the order in which they would come (a module stands behind what it imports), each with the stamp of
    its file, where it is bound, and what it does anew; the visible ones that they use; names that they ask for in vain; and
    all first parts that a file could have."""
    entries, visible, absent, seen = {}, {}, [], set()

    def visit(name):
        if name in seen:
            return
        seen.add(name)
        parent = name.rpartition(".")[0]
        if parent:
            visit(parent)
        if name in state["baseline"]:
            visible[name] = state["baseline"][name]
        elif name in hidden:
            for other in requests.get(name, ()):
                visit(other)
            entries[name] = hidden[name]
        else:
            absent.append(name)

    visit(name)
    if len(entries) > PLAN_ENTRIES_MAX:
        return None
    if not all(files[entry][0].startswith(state["library"] + "/") for entry in entries if entry in files):
        return None
    tops = {entry.partition(".")[0] for entry in [*absent, *filter(files.__contains__, entries)]}
    return tuple(entry_of(*item) for item in entries.items()), tuple(visible.items()), tuple(absent), tuple(tops)


def entry_of(name, module):
    stamp = files[name][1] if name in files else None
    parent, _, child = name.rpartition(".") if name in bound else (None, None, None)
    return name, module, stamp, parent or None, child, RENEWED.get(name)


def refresh_visible():
    """In a new process, for what was imported before anything of ours: as their own handlers for a fork. That of threading
    also takes the lock of the main thread, which frames.run() has let go."""
    if "random" in state["baseline"]:
        state["baseline"]["random"].seed()
    if "threading" in state["baseline"]:
        state["baseline"]["threading"]._after_fork()


def renew_logging(logging):
    """Starts the clock of relativeCreated, registers its exit handler."""
    time = module_at("time")
    logging._startTime = time.time_ns() if sys.version_info >= (3, 13) else time.time()
    module_at("atexit").register(logging.shutdown)


def renew_random(random):
    random.seed()


def renew_threading(threading):
    """The main thread knows its number at the kernel."""
    if hasattr(threading.main_thread(), "_set_native_id"):
        threading.main_thread()._set_native_id()


RENEWED = {"logging": renew_logging, "random": renew_random, "threading": renew_threading}
