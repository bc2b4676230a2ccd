"""A question and what the validator says to it, as they go over the wire."""
import json

from resident_validator import words


def answer_text(validator, payload):
    """JSON: {"verdict"}, {"answers": [{"verdict"} or {"error"}]} for many events, or {"error"}."""
    question = json.loads(payload)
    context = question.get("context", {})
    if "events" in question:
        answer = answer_many(validator, question["events"], context)
    else:
        answer = answer_one(validator, question["event"], context)
    try:
        return json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()
    except Exception as error:
        return json.dumps(protocol_error(f"an answer that is no JSON: {words(error)}")).encode()


def answer_one(validator, event, context):
    try:
        if callable(validator.one):
            return checked(validator.one(event, context))
        verdicts = validator.many([event], context)
        return checked(verdicts[0]) if is_list(verdicts, 1) else wrong_count(verdicts, 1)
    except Exception as error:
        return threw(error)


def answer_many(validator, events, context):
    if not validator.is_batch:
        return {"answers": [answer_one(validator, event, context) for event in events]}
    try:
        verdicts = validator.many(events, context)
        return {"answers": [checked(each) for each in verdicts]} if is_list(verdicts, len(events)) else wrong_count(
            verdicts, len(events))
    except Exception as error:
        return threw(error)


def checked(verdict):
    """Only its shape: the daemon looks at each field."""
    if verdict is None:
        return {"verdict": {}}
    if isinstance(verdict, dict):
        return {"verdict": verdict}
    return protocol_error(f"a {type(verdict).__name__} is no verdict")


def is_list(verdicts, count):
    return isinstance(verdicts, (list, tuple)) and len(verdicts) == count


def wrong_count(verdicts, count):
    what = f"{len(verdicts)} verdicts" if isinstance(verdicts, (list, tuple)) else type(verdicts).__name__
    return protocol_error(f"{what} for {count} events")


def threw(error):
    return {"error": {"cause": "threw", "message": words(error)}}


def protocol_error(message):
    return {"error": {"cause": "protocol", "message": message}}
