"""A resident worker: answers the questions of one validator, one after the other, over a ring of its own, until its
daemon is gone. argv: ENTRY RING_BYTES GENERATION."""
import os
import sys

if __name__ == "__main__" and getattr(sys.flags, "safe_path", False):
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # for our modules; the validator's takes its place

from resident_answer import answer_text
from resident_channel import ANSWER, ASK, FORGET, PING, PONG, READY, Channel, ChannelLost, InputEnded, MessageTooLong
from resident_validator import CannotLoad, load_validator

PROTOCOL = 1
EXIT_CHANNEL_LOST = 69
EXIT_CANNOT_START = 78  # no other start of it will do


def fail(message):
    """In one line: the last one is what people are shown."""
    sys.stderr.write(" ".join(message.split()) + "\n")
    sys.stderr.flush()
    os._exit(EXIT_CANNOT_START)


class Questions:
    """Those that have come and wait. All that lies in the ring is taken before one is answered: who asks after our life
    need not wait, and what nobody waits for any more is not worked on."""

    def __init__(self, channel):
        self.channel = channel
        self.waiting = {}  # in the order in which they came

    def next(self):
        self.take(-1 if not self.waiting else 0)
        while self.take(0):
            pass
        for call_id in self.waiting:
            return call_id, self.waiting.pop(call_id)
        return None

    def take(self, timeout_ms):
        message = self.channel.receive(timeout_ms)
        if message is None:
            return False
        kind, call_id, payload = message
        if kind == ASK:
            self.waiting[call_id] = payload
        elif kind == PING:
            self.channel.send(PONG, call_id, b"")
        elif kind == FORGET and self.waiting.pop(call_id, None) is not None:
            self.channel.send(ANSWER, call_id, b'{"verdict":{}}')
        return True


def serve(channel, validator):
    ready = f'{{"protocol":{PROTOCOL},"batch":{"true" if validator.is_batch else "false"},"pid":{os.getpid()}}}'
    channel.send(READY, 0, ready.encode())
    questions = Questions(channel)
    while True:
        question = questions.next()
        if question is None:
            continue
        call_id, payload = question
        text = answer_text(validator, payload)
        try:
            channel.send(ANSWER, call_id, text)
        except MessageTooLong:
            message = f"an answer of {len(text)} bytes is too long"
            channel.send(ANSWER, call_id, f'{{"error":{{"cause":"protocol","message":"{message}"}}}}'.encode())


def work(entry, ring_bytes, generation):
    sys.stdout = sys.stderr  # what a validator prints is for people: it must never be taken for an answer
    sys.path[0] = os.path.dirname(entry)
    try:
        validator = load_validator(entry)
    except CannotLoad as error:
        fail(str(error))
    try:
        channel = Channel(int(ring_bytes), int(generation))
    except OSError as error:
        fail(f"the channel to the supervisor cannot be used: {error}")
    try:
        serve(channel, validator)
    except InputEnded:
        sys.exit(0)
    except ChannelLost:
        sys.stderr.flush()
        os._exit(EXIT_CHANNEL_LOST)


if __name__ == "__main__":
    sys.path.append(sys.path[0])  # last, for hook_supervisor: our names must not hide anybody's
    work(*sys.argv[1:])
