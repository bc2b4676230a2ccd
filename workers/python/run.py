"""From an order to a job: the state a direct run would have inherited, then the program as the interpreter's own main
would have found it. None, always before any user code, means: decline, a direct run could look different."""
import _imp
import _warnings
import os
import sys

from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader

modules, wire, ending, start_state, learned = (load(n) for n in ("modules", "wire", "ending", "start_state", "learned"))

JOB_CODE, JOB_MODULE = 0, 1
_signal = modules.module_at("_signal")
RLIMIT_STACK = modules.module_at("resource").RLIMIT_STACK
IGNORED_BY_PYTHON = 1 << _signal.SIGPIPE - 1 | 1 << _signal.SIGXFSZ - 1
ARCHIVE_MARK = b"PK\5\6"  # zipimport takes no file without it
FILE_SYSTEM = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
# Of a script: the direct run has something to say about it.
UNFIT = (OSError, ValueError, SyntaxError, RecursionError, MemoryError, Warning)
SCRIPT_PATH_MAX_BYTES = 1000  # CPython cuts longer ones in places
ENCODING_COOKIE = modules.module_at("re").compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
MODE_FLAG = {wire.ORDER_SCRIPT: [], wire.ORDER_COMMAND: [b"-c"], wire.ORDER_MODULE: [b"-m"]}


def prepare(frames, start, order, cwd_fd):
    environ = start_state.as_dict(order.env)
    if not same_start(start, order, environ) or not frames.unchanged(start.stamps):
        return None
    try:
        frames.inherit(order.data, cwd_fd)
    except OSError:
        return None
    if order.ignored_signals | IGNORED_BY_PYTHON != start.ignored_signals:
        set_signals(order.ignored_signals)
    set_environment(frames, start, order.env, environ)
    arguments = [argument.decode(*FILE_SYSTEM) for argument in order.argv]
    sys.argv = arguments[order.program_index :]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv = arguments
    try:
        return PREPARE_PROGRAM[order.mode](frames, start, sys.argv[0])
    except UNFIT:
        return None  # the direct run shall say it in its own words


def same_start(start, order, environ):
    """Whether the zygote was started as the direct run would be."""
    if order.mode not in MODE_FLAG:
        return False
    if order.argv[1 : order.program_index] != start.flags + MODE_FLAG[order.mode]:
        return False
    if start_state.key_variables(environ) != start.key_variables:
        return False
    if order.soft_limit(RLIMIT_STACK) != start.limits[2 * RLIMIT_STACK]:  # thread stacks were sized by it at exec
        return False
    return executable(order.argv[0], environ.get(b"PATH", b"")) == sys.executable


def executable(name, search_path):
    """sys.executable of a direct run with this argv[0]; None where it depends on more."""
    if b"/" in name:
        return name.decode(*FILE_SYSTEM) if name.startswith(b"/") else None
    for folder in search_path.split(b":"):
        if not folder.startswith(b"/"):
            return None
        path = folder.rstrip(b"/") + b"/" + name
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path.decode(*FILE_SYSTEM)
    return None


def set_signals(ignored_mask):
    """Ignored are those of the caller and the two that Python ignores itself, whatever the zygote was started with."""
    for number in range(1, 65):
        is_ignored = _signal.getsignal(number) == _signal.SIG_IGN
        if ignored_mask >> (number - 1) & 1:
            if not is_ignored:
                _signal.signal(number, _signal.SIG_IGN)
        elif is_ignored and not IGNORED_BY_PYTHON >> (number - 1) & 1:
            usual = _signal.default_int_handler if number == _signal.SIGINT else _signal.SIG_DFL
            _signal.signal(number, usual)


def set_environment(frames, start, entries, environ):
    if start.coerced_locale is not None:  # the interpreter would have put it there itself
        entries = [entry for entry in entries if not entry.startswith(b"LC_CTYPE=")]
        entries.append(b"LC_CTYPE=" + start.coerced_locale)
        environ.pop(b"LC_CTYPE", None)
        environ[b"LC_CTYPE"] = start.coerced_locale
    frames.set_environ(entries)
    for known in (os.environ._data, sys.modules["posix"].environ):
        if known != environ:
            known.clear()
            known.update(environ)


def rehearse(frames, start):
    """Prepares an order that changes nothing that the next one will not, so that the pages a real one touches are copied while parking."""
    path = list(sys.path)
    script = os.fsencode(load("streams").__file__)  # a short one
    argv = [os.fsencode(sys.executable), *start.flags, script]
    environment = start.environment + [b"HOOK=rehearsed"]
    data = wire.encode_order(wire.ORDER_SCRIPT, len(argv) - 1, argv, environment, start.inherited())
    prepare(frames, start, wire.decode_order(data), os.open("/", os.O_RDONLY | os.O_CLOEXEC))
    sys.path[:] = path
    sys.path_importer_cache.pop(load("streams").__file__, None)
    ending.may_skip_teardown()
    learned.tell_zygote(is_run=False)


def new_main(start):
    """A __main__ as a fresh interpreter has it."""
    main = type(sys)("__main__")
    for name, value in start.main_names.items():
        setattr(main, name, {} if name == "__annotations__" else value)
    return main


def compile_strictly(source, filename):
    """The code, or any warning of the compiler raised as an exception."""
    everything = ("error", None, Warning, None, 0)
    _warnings.filters.insert(0, everything)
    _warnings._filters_mutated()
    try:
        return compile(source, filename, "exec", 0, True)
    finally:
        _warnings.filters.remove(everything)
        _warnings._filters_mutated()


def job(kind, program, main, is_file=0, alter_argv=True):
    sys.modules["__main__"] = main
    ending.remember()
    return kind, program, main, is_file, ending.may_skip_teardown, alter_argv


def prepare_script(frames, start, argument):
    name = argument.encode(*FILE_SYSTEM)
    if argument == "-" or not argument or len(name) > SCRIPT_PATH_MAX_BYTES:
        return None
    filename = argument
    if sys.version_info >= (3, 9) and not filename.startswith("/"):
        filename = os.getcwd() + "/" + filename
    found = frames.read_script(name)
    if found is None or ARCHIVE_MARK in found[0] or not start.has_usual_path_hooks:
        if frames.get_importer(filename) is not None:  # a folder or an archive
            sys.path.insert(0, filename)
            return job(JOB_MODULE, "__main__", new_main(start), alter_argv=False)
        if found is None:
            return None
    else:
        sys.path_importer_cache[filename] = None  # as they would have found
    source, folder = found
    if filename.endswith(".pyc") or source[:2] == MAGIC_NUMBER[:2] or declares_other_encoding(source):
        return None
    if start.has_path0:
        sys.path.insert(0, folder)
    main = new_main(start)
    main.__loader__ = SourceFileLoader("__main__", filename)
    main.__file__, main.__cached__ = filename, None
    code = learned.take(filename, source) or compile_strictly(source, filename)
    return job(JOB_CODE, code, main, is_file=1)


def declares_other_encoding(source):
    """Whether a coding cookie (PEP 263) names another one: such a source goes through codecs on its way."""
    lines = source.split(b"\n", 2)[:2]
    for line in lines:
        cookie = ENCODING_COOKIE.match(line) if b"coding" in line else None
        if cookie and cookie.group(1).lower() not in (b"utf-8", b"utf8"):
            return True
    return b"\r" in lines[0][:-1]  # old line ends: where the second line begins is not for us to say


def prepare_command(frames, start, text):
    text.encode()  # not UTF-8: CPython refuses the command itself
    if start.has_path0:
        sys.path.insert(0, "")
    sys.argv[0] = "-c"
    main, code = new_main(start), compile_strictly(text, "<string>")
    if sys.version_info >= (3, 13):  # its tracebacks show the lines of a command
        modules.restore("linecache")
        linecache = sys.modules["linecache"]
        linecache._register_code(code if hasattr(linecache, "_code_key") else "<string>", text, "<string>")
    return job(JOB_CODE, code, main)


def prepare_module(frames, start, name):
    name.encode()
    if start.has_path0:
        sys.path.insert(0, os.getcwd())
    sys.argv[0] = "-m"
    return job(JOB_MODULE, name, new_main(start))


PREPARE_PROGRAM = {
    wire.ORDER_SCRIPT: prepare_script, wire.ORDER_COMMAND: prepare_command, wire.ORDER_MODULE: prepare_module,
}
