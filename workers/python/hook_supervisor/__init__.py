"""For authors of validators in Python 3.8 and newer:

    from hook_supervisor import deny, validator

    @validator
    def validate(event, context):
        if "prod" in str(event["toolInput"]):
            return deny("production is not for agents")

`event` is a dict with the keys of the Node API (docs/validators.md). Whatever is returned is a dict, or None for no opinion.
"""
import sys
import time

__all__ = [
    "Context", "allow", "ask", "defer", "deny", "inform", "nothing", "rewrite", "validator",
]


class Context:
    """What a validator is told beside the event. `deadline_at_ms` is by time.monotonic(), infinity without a deadline; `cwd` and
    `session_id` are empty for a batch, whose events have their own; `project_folder` is empty where there is none or it was not told in time;
    `session` has `events` and `decisions`."""

    def __init__(self, told):
        self.name = told.get("name", "")
        self.settings = told.get("settings", {})
        self.cwd = told.get("cwd", "")
        self.session_id = told.get("sessionId", "")
        self.project_folder = told.get("projectFolder", "")
        self.session = told.get("session", {"events": 0, "decisions": []})
        self.deadline_at_ms = time.monotonic() * 1000 + told.get("timeLeftMs", float("inf"))

    def remaining_ms(self):
        """Until the answer is late; 0 when it is."""
        return max(0.0, self.deadline_at_ms - time.monotonic() * 1000)

    def log(self, text):
        sys.stderr.write(f"{self.name}: {text}\n")
        sys.stderr.flush()


class Decorator:
    """`@validator` over the function that judges one event, `@validator.batch` over one that judges a list. It stands for what it has
    decorated: a module that imports it by its name has a `validator` with `validate` and `validate_batch`, which is what a
    worker looks for."""

    def __init__(self):
        self.validate = None
        self.validate_batch = None

    def __call__(self, function):
        self.validate = self._taken(function, self.validate)
        return function

    def batch(self, function):
        self.validate_batch = self._taken(function, self.validate_batch)
        return function

    @staticmethod
    def _taken(function, earlier):
        if not callable(function):
            raise TypeError("@validator goes over a function, without parentheses")
        if earlier is not None:
            raise TypeError(f"one module, one validator: {function.__name__} is the second")
        return lambda asked, context: function(asked, context if isinstance(context, Context) else Context(context))


validator = Decorator()


def allow(reason=None):
    return _verdict("allow", reason)


def deny(reason):
    return _verdict("deny", reason)


def ask(reason):
    return _verdict("ask", reason)


def defer(reason=None):
    return _verdict("defer", reason)


def nothing():
    return {}


def inform(context):
    """No decision, but something the model should know."""
    return {"context": context}


def rewrite(updated_input, reason=None):
    """Replaces the input of the tool, whole."""
    return {"updatedInput": updated_input} if reason is None else {"updatedInput": updated_input, "reason": reason}


def _verdict(decision, reason):
    return {"decision": decision} if reason is None else {"decision": decision, "reason": reason}
