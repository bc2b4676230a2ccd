"""Whether a hook may leave without the interpreter's tear-down, which costs ten times the hook: only if nobody could
notice. Any doubt, and the interpreter finalizes itself as in a direct run."""
import io
import sys

modules = load("modules")
gc, atexit, _thread, weakref = (modules.module_at(name) for name in ("gc", "atexit", "_thread", "weakref"))
types = modules.module_at("types")
Popen = modules.module_at("subprocess").Popen
socket_types = (modules.module_at("socket").socket, modules.module_at("_socket").socket)

FILES = (
    io.TextIOWrapper, io.BufferedWriter, io.BufferedReader, io.BufferedRandom, io.FileIO, io.BytesIO, io.StringIO,
    io.BufferedRWPair,
)
WRITERS = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
# Their destructors give back what the kernel takes back anyway, or warn of it (see resource_warnings_show).
QUIET_DESTRUCTORS = set(FILES + socket_types + (Popen,))
SUSPENDABLE = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
# Extensions of the standard library whose objects do more than free memory when they go, and those that call others.
EXTENSIONS_WITH_TEARDOWN = {
    "_sqlite3", "_dbm", "_gdbm", "readline", "_curses", "_tkinter", "_ctypes", "_multiprocessing", "_interpreters",
    "_xxsubinterpreters", "_asyncio", "_lsprof", "_testcapi",
}
MODULES_WITH_TEARDOWN = {"concurrent.futures.thread", "multiprocessing.util", "asyncio"}
start = {}
known_quiet = {}  # name -> module that needs no second look


def remember(frames):
    """Notes, before user code, what a hook must have left as it was."""
    start["streams"] = current_streams()
    start["hook"] = sys.unraisablehook
    if not resource_warnings_show():
        frames.set_plain_end(  # see ending.c
            sys.unraisablehook, gc.callbacks, gc.get_objects, sys.gettrace, sys.getprofile, _thread._count, atexit._ncallbacks,
            is_unknown_extension, known_quiet, (*MODULES_WITH_TEARDOWN, "logging"), (type, weakref.ReferenceType),
            warnings_at_hand().filters, tuple(warnings_at_hand().filters), "__del__",
        )


def current_streams():
    """By identity: a reference of ours would keep a stream alive through the tear-down, whose end flushes it."""
    return id(sys.stdin), id(sys.stdout), id(sys.stderr)


def may_skip_teardown():
    """True once the standard streams are flushed and nothing else is left to happen."""
    if current_streams() != start["streams"]:
        return False
    if sys.unraisablehook is not start["hook"] or gc.callbacks or sys.gettrace() or sys.getprofile():
        return False
    if _thread._count() or exit_handlers_of_users() or resource_warnings_show():
        return False
    if not MODULES_WITH_TEARDOWN.isdisjoint(sys.modules) or unknown_extensions():
        return False
    objects = gc.get_objects()
    kinds = set(map(type, objects))
    if not all(map(is_quiet, kinds)) or any_suspended(objects, kinds) or any_callbacks(objects, kinds):
        return False
    if atexit._ncallbacks():
        atexit._run_exitfuncs()
    return not any_open_writer(objects, kinds) and flush_streams()


def exit_handlers_of_users():
    """Anything but logging.shutdown over its own kinds of handlers, which only flushes and closes them."""
    logging = sys.modules.get("logging")
    if logging is None:
        return atexit._ncallbacks() > 0
    handlers = [reference() for reference in logging._handlerList]
    return atexit._ncallbacks() > 1 or any(type(handler).__module__ != "logging" for handler in handlers if handler)


def warnings_at_hand():
    return sys.modules.get("warnings") or sys.modules["_warnings"]  # as the C code looks them up


def resource_warnings_show():
    """Whether an open file at the end would be reported."""
    for action, message, category, module, line in warnings_at_hand().filters:
        if issubclass(ResourceWarning, category):
            return action != "ignore" or message is not None or module is not None or line != 0
    return True


def note_modules(frames):
    """Looks at all that is there before the hook."""
    start["modules_beyond"] = frames.modules_beyond
    quiet = {name: module for name, module in modules.hidden.items() if name not in EXTENSIONS_WITH_TEARDOWN}
    known_quiet.update(quiet)
    known_quiet.update((name, module) for name, module in sys.modules.items() if not is_unknown_extension(name, module))


def unknown_extensions():
    """Whether there are any; also if sys.modules is something else than it was."""
    found = start["modules_beyond"](known_quiet)
    return found is None or any(is_unknown_extension(name, module) for name, module in found)


def is_unknown_extension(name, module):
    path = getattr(module, "__file__", None) or ""
    return name in EXTENSIONS_WITH_TEARDOWN or path.endswith(".so") and not path.startswith(modules.state["library"] + "/")


def is_quiet(kind):
    """Whether objects of this type, or classes that are objects of it, go without doing anything."""
    if hasattr(kind, "__del__"):
        return kind in QUIET_DESTRUCTORS or kind in SUSPENDABLE
    return True


def any_suspended(objects, kinds):
    """Generators and coroutines whose finally blocks have yet to run, classes whose untracked objects have __del__."""
    classes = tuple(kind for kind in kinds if issubclass(kind, type))
    look_at = {*classes, *(kind for kind in SUSPENDABLE if kind in kinds)}
    for thing in objects if look_at else ():
        kind = type(thing)
        if kind not in look_at:
            continue
        if kind in SUSPENDABLE:
            if kind is not types.GeneratorType or is_suspended(thing):
                return True
        elif "__del__" in thing.__dict__:
            return True
    return False


def is_suspended(generator):
    if hasattr(generator, "gi_suspended"):  # since 3.11
        return generator.gi_suspended
    return generator.gi_frame is not None and generator.gi_frame.f_lasti >= 0


def any_callbacks(objects, kinds):
    """Weak references that call somebody outside the standard library."""
    references = tuple(kind for kind in kinds if issubclass(kind, weakref.ReferenceType))
    library = modules.state["library"] + "/"
    for thing in objects if references else ():
        if type(thing) in references and thing.__callback__ is not None:
            if getattr(thing.__callback__, "__name__", "") == "_destroy":  # of the C part of abc
                continue
            code = getattr(thing.__callback__, "__code__", None)
            if code is None or not (code.co_filename.startswith(library) or code.co_filename.startswith("<frozen ")):
                return True
    return False


def any_open_writer(objects, kinds):
    """Files left open for writing: whether their last bytes are written depends on the order of the tear-down."""
    writers = tuple(kind for kind in WRITERS if kind in kinds)
    for thing in objects if writers else ():
        if type(thing) in writers and not thing.closed and thing.writable():
            return True
    return False


def flush_streams():
    """False if one refuses, so that the tear-down meets the same refusal."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is None or stream.closed:
                return False
            stream.flush()
    except Exception:
        return False
    return True
