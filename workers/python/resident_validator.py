"""The module of a validator: its `validator`, or the module itself, has `validate` or `validate_batch` or both."""
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType

WORDS_MAX_CHARACTERS = 1000
MODULE = "hook_validator"


class CannotLoad(Exception):
    """Its text is for the author."""


def words(thrown):
    """What was raised, for people. Its own text may raise too."""
    try:
        return f"{type(thrown).__name__}: {thrown}"[:WORDS_MAX_CHARACTERS]
    except Exception:
        return type(thrown).__name__


class Validator:
    def __init__(self, entry, exported):
        self.one = getattr(exported, "validate", None)
        self.many = getattr(exported, "validate_batch", None)
        self.is_batch = callable(self.many)
        if not self.is_batch and not callable(self.one):
            raise CannotLoad(f"{entry} is no validator: it has no function validate")


def load_validator(entry):
    # By hand: importlib does more than is needed, and each step copies pages of the zygote for each worker.
    module = sys.modules[MODULE] = ModuleType(MODULE)
    try:
        loader = module.__loader__ = SourceFileLoader(MODULE, entry)
        module.__file__, module.__spec__ = entry, ModuleSpec(MODULE, loader, origin=entry)
        exec(loader.get_code(MODULE), module.__dict__)
    except BaseException as error:  # sys.exit() in a module, too: said by us, or nobody knows why it ended
        raise CannotLoad(f"{entry} cannot be loaded: {words(error)}") from error
    return Validator(entry, getattr(module, "validator", module))
