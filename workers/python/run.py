"""From an order to a job: the state a direct run would have inherited, then the program as the interpreter's own main
would have found it. None, always before any user code, means: decline, a direct run could look different."""
import _imp
import _warnings
import os
import sys

from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader

modules, wire, ending, learned = (load(name) for name in ("modules", "wire", "ending", "learned"))

JOB_CODE, JOB_MODULE = 0, 1
_signal = modules.module_at("_signal")
IGNORED_BY_PYTHON = 1 << _signal.SIGPIPE - 1 | 1 << _signal.SIGXFSZ - 1
ARCHIVE_MARK = b"PK\5\6"  # zipimport takes no file without it
FILE_SYSTEM = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
# Of a script: the direct run has something to say about it.
UNFIT = (OSError, ValueError, SyntaxError, RecursionError, MemoryError, Warning)
SCRIPT_PATH_MAX_BYTES = 1000  # CPython cuts longer ones in places
ENCODING_COOKIE = modules.module_at("re").compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def prepare(frames, start, order, cwd_fd):
    taken = frames.take_order(start.native, order, cwd_fd)
    if taken is None:
        return None
    mode, program_index, arguments, ignored_signals = taken
    if ignored_signals | IGNORED_BY_PYTHON != start.ignored_signals:
        set_signals(ignored_signals)
    sys.argv = arguments[program_index:]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv = arguments
    try:
        return PREPARE_PROGRAM[mode](frames, start, sys.argv[0])
    except UNFIT:
        return None  # the direct run shall say it in its own words


def is_executable(name, environ):
    """Whether sys.executable of a direct run with this argv[0], a name without a folder, would be the zygote's."""
    for folder in environ.get(b"PATH", b"").split(b":"):
        if not folder.startswith(b"/"):
            return False  # it depends on more
        path = folder.rstrip(b"/") + b"/" + name
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path.decode(*FILE_SYSTEM) == sys.executable
    return False


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


def order_of(start, script):
    """The bytes of an order for a script that changes nothing that the next one will not."""
    argv = [os.fsencode(sys.executable), *start.flags, script]
    return wire.encode_order(wire.ORDER_SCRIPT, len(argv) - 1, argv, start.environment + [b"HOOK=rehearsed"], start.inherited())


def rehearse(frames, start):
    """Prepares an order, so that the pages that a real one touches are copied while parking."""
    path = list(sys.path)
    prepare(frames, start, order_of(start, os.fsencode(load("streams").__file__)), os.open("/", os.O_RDONLY | os.O_CLOEXEC))
    sys.path[:] = path
    sys.path_importer_cache.pop(load("streams").__file__, None)
    frames.plain_end()
    ending.may_skip_teardown()
    learned.tell_zygote(is_run=False)


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
    return kind, program, main, is_file, ending.may_skip_teardown, alter_argv


def note_learned(frames, start):
    if start.has_usual_path_hooks:
        frames.set_learned(
            learned.table, SourceFileLoader, ending.may_skip_teardown, start, start.has_path0, SCRIPT_PATH_MAX_BYTES
        )


def prepare_script(frames, start, argument):
    quick = frames.job_of_learned(argument)
    if quick is not None:
        return quick
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
            return job(JOB_MODULE, "__main__", start.take_main(), alter_argv=False)
        if found is None:
            return None
    else:
        sys.path_importer_cache[filename] = None  # as they would have found
    source, folder = found
    code = learned.take(filename, source)
    if code is None and not is_plain_source(filename, source):
        return None
    if start.has_path0:
        sys.path.insert(0, folder)
    main = start.take_main()
    main.__loader__ = SourceFileLoader("__main__", filename)
    main.__file__, main.__cached__ = filename, None
    return job(JOB_CODE, code or compile_strictly(source, filename), main, is_file=1)


def is_plain_source(filename, source):
    """Whether CPython would do nothing with these bytes but compile them."""
    return not (filename.endswith(".pyc") or source[:2] == MAGIC_NUMBER[:2] or declares_other_encoding(source))


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
    main, code = start.take_main(), compile_strictly(text, "<string>")
    if sys.version_info >= (3, 13):  # its tracebacks show the lines of a command
        linecache = __import__("linecache")
        linecache._register_code(code if hasattr(linecache, "_code_key") else "<string>", text, "<string>")
    return job(JOB_CODE, code, main)


def prepare_module(frames, start, name):
    name.encode()
    if start.has_path0:
        sys.path.insert(0, os.getcwd())
    sys.argv[0] = "-m"
    return job(JOB_MODULE, name, start.take_main())


PREPARE_PROGRAM = {
    wire.ORDER_SCRIPT: prepare_script, wire.ORDER_COMMAND: prepare_command, wire.ORDER_MODULE: prepare_module,
}
