"""Forks resident workers at its keeper's request, so that they share the memory of interpreter, library and our own code.

Nothing of a validator is loaded here: its code runs in the forked process alone, once that is in its leaf and its sandbox. All
that this process hears comes from its keeper."""
import ctypes
import gc
import importlib
import importlib.util
import json
import os
import sys

if getattr(sys.flags, "safe_path", False):
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # for our modules; the validator's takes its place

import hook_supervisor
import resident
import resident_channel
from resident_answer import answer_text
from resident_validator import MODULE, load_validator

QUESTION = json.dumps({
    "event": {"agent": "claude", "name": "PreToolUse", "sessionId": "s", "cwd": "/", "matched": "Bash", "toolName": "Bash",
              "toolInput": {"command": "ls -la", "n": [1, 2.5, None, True]}, "raw": {"tool_name": "Bash"}},
    "context": {"name": "rehearsal", "settings": {}, "timeLeftMs": 1000},
}).encode()
TIMES_BEFORE_FORKS = 64  # until the interpreter has stopped rewriting the code that it runs
FOLDER = os.path.dirname(os.path.abspath(__file__))


class Modules:
    """What parts of the zygote of hooks ask for modules: here none has to be hidden."""
    module_at = staticmethod(importlib.import_module)


def load(name):
    """A part of that zygote, without an entry in sys.modules: our names must not hide anybody's."""
    if name == "modules":
        return Modules
    spec = importlib.util.spec_from_file_location(name, f"{FOLDER}/{name}.py")
    part = importlib.util.module_from_spec(spec)
    part.load = load
    spec.loader.exec_module(part)
    return part


class Rehearsed(resident_channel.Channel):
    """Asks so many times, then ends."""

    def __init__(self):
        self.left = 2 * TIMES_BEFORE_FORKS

    def receive(self, timeout_ms):
        self.left -= 1
        if self.left < 0:
            raise resident_channel.InputEnded
        return (resident_channel.ASK, self.left, QUESTION) if self.left % 2 else None

    def send(self, kind, call_id, payload):
        pass


def rehearse():
    """Does what workers do, so that they find it done."""
    native = resident_channel.load()
    as_started, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    validator = load_validator(f"{FOLDER}/rehearsal/validator.py")
    sys.dont_write_bytecode = as_started
    del sys.modules[MODULE]
    try:
        resident.serve(Rehearsed(), validator)
    except resident_channel.InputEnded:
        pass
    hook_supervisor.Context({}).remaining_ms()
    return native


class PackageFinder:
    """Asked last: whose folder, or library, has another package of that name gets that one."""

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name == hook_supervisor.__name__ else None

    def create_module(self, spec):
        return hook_supervisor

    def exec_module(self, module):
        """It has been."""


def main():
    zygote, wire, start_state = load("zygote"), load("wire"), load("start_state")
    reason = load("support").refusal()
    try:
        frames = None if reason else zygote.load_frames(FOLDER)
    except ImportError as error:
        reason = f"hs_frames: {error}"
    if reason is not None:
        sys.stderr.write(f"python zygote: cannot serve this interpreter: {reason}\n")
        sys.stderr.flush()
        os._exit(zygote.EXIT_UNSUPPORTED)
    environ, _ = frames.environ_of(start_state.joined(start_state.environment_at_exec()))
    frames.set_dumpable(0)  # it holds the state of every child to come, and its files in /proc are root's from here on
    locale = start_state.coerced_locale(environ)
    environs = os.environ._data, sys.modules["posix"].environ
    become = ctypes.cast(rehearse().resident_become, ctypes.c_void_p).value
    del sys.modules[hook_supervisor.__name__]
    del sys.modules[resident.__name__]  # executed it is the program, and its name left to others
    sys.meta_path.append(PackageFinder())
    gc.collect()
    frames.fill_holes(zygote.POOL_BYTES)
    gc.freeze()
    wire.tell_warm()
    words = frames.serve_workers(become, locale, environs)
    sys.argv = [f"{FOLDER}/resident.py", *words]
    resident.work(*words)


if __name__ == "__main__":
    main()
