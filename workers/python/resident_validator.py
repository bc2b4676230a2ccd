"""The module of a validator: its `validator`, or the module itself, has `validate` or `validate_batch` or both."""
import importlib.util
import sys

WORDS_MAX_CHARACTERS = 1000


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
    try:
        spec = importlib.util.spec_from_file_location("hook_validator", entry)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    except BaseException as error:  # sys.exit() in a module, too: said by us, or nobody knows why it ended
        raise CannotLoad(f"{entry} cannot be loaded: {words(error)}") from error
    return Validator(entry, getattr(module, "validator", module))
