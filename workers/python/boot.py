# The text after -c of a zygote: `python FLAGS -c TEXT WORKER_DIR`. Keeps its own names out of every module that a hook
# could look at: it runs in __main__, which each hook gets anew.
main_names = dict(globals())
import sys

modules_at_start = set(sys.modules)


def load(name, parts={}):
    """Loads workers/python/NAME.py without a trace in sys.modules or sys.path."""
    if name not in parts:
        path = sys.argv[1] + "/" + name + ".py"
        with open(path, "rb") as source:
            code = compile(source.read(), path, "exec", dont_inherit=True)
        part = parts[name] = type(sys)(name)
        part.load, part.__file__ = load, path
        exec(code, part.__dict__)
    return parts[name]


# Without site (-S) even os is not there yet: its import is recorded like all that the hook shall not see.
load("modules").import_recorded(["os"])
load("zygote").start(sys.argv[1], main_names, modules_at_start, sys._getframe())
