"""Asks the validators of the user's daemon, from Python 3.8 and newer:

    from hook_supervisor.client import connect

    with connect() as library:
        outcome = library.submit(event)
        if outcome["kind"] == "decided" and outcome.get("decision") == "deny":
            ...

What can be expected to go wrong is an outcome with a kind; only a wrong use raises. Kinds and fields are those of the Node client
(docs/library.md). A call waits for its answer; a thread that asks while another does waits for it, too."""
import json
import os
import socket
import stat
import struct
import threading
import time

from .order import in_order, problem_of

__all__ = ["Library", "connect"]

SOCKET_NAME = "library.sock"
START = "start the daemon: supervisor up -d"
HEADER = struct.Struct("<IHHQ")
WIRE_VERSION = 1
REQUEST_KIND = 32
REPLY_KIND = 33
FRAME_MAX_BYTES = 4 * 1024 * 1024
FRAME_SLACK_BYTES = 64
BATCH_MAX = 256
HANDED_OVER_TRIES_MAX = 20
RETRY_AFTER_S = 0.05
READ_BYTES = 64 * 1024
ASK_FIELDS = ("event", "agent", "validators", "priority", "timeoutMs")
REFUSALS = ("badRequest", "tooLarge")


def connect(socket_path=None):
    """Connects with the first question, and anew after the daemon has ended."""
    return Library(socket_path)


class Library:
    def __init__(self, socket_path):
        self._socket_path = socket_path
        self._lock = threading.Lock()
        self._link = None
        self._is_closed = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def submit(self, event, agent=None, priority=None, validators=None, timeout_ms=None):
        told = {"agent": agent, "priority": priority, "validators": validators, "timeoutMs": timeout_ms}
        return self._send([{"event": event, **{name: value for name, value in told.items() if value is not None}}])[0]

    def submit_batch(self, items):
        """`items` are dicts with `event`, and `agent`, `priority`, `validators`, `timeoutMs`, `id` and `dependsOn` where they are
        wanted. One outcome for each, in order."""
        asks = [{name: item[name] for name in ASK_FIELDS if name in item} for item in items]
        if not any(item.get("dependsOn") for item in items):
            return self._send(asks)
        problem = problem_of(items)
        if problem is not None:
            return [_refused("badGraph", problem, "correct id and dependsOn") for _ in items]
        return in_order(items, lambda places: self._send([asks[place] for place in places]))

    def close(self):
        """What another thread waits for is aborted."""
        self._is_closed = True
        if self._lock.acquire(blocking=False):
            self._drop_link()
            self._lock.release()
        else:
            link = self._link
            if link is not None:
                link.hang_up()

    def _drop_link(self):
        if self._link is not None:
            self._link.close()
            self._link = None

    def _send(self, asks):
        outcomes = []
        texts, length = [], FRAME_SLACK_BYTES
        for ask in asks:
            text = _json_of(ask)
            is_full = len(texts) == BATCH_MAX or length + len(text) + 1 > FRAME_MAX_BYTES
            if texts and (is_full or isinstance(text, dict)):
                outcomes += self._send_frame(texts)
                texts, length = [], FRAME_SLACK_BYTES
            if isinstance(text, dict):
                outcomes.append(text)
            else:
                texts.append(text)
                length += len(text) + 1
        return outcomes + (self._send_frame(texts) if texts else [])

    def _send_frame(self, texts):
        with self._lock:
            answered = self._ask_handed_over(b"[" + b",".join(texts) + b"]")
        return answered if isinstance(answered, list) else [answered] * len(texts)

    def _ask_handed_over(self, asks):
        """A daemon that is being replaced has taken nothing of this, and the next one is there in a moment."""
        for _ in range(HANDED_OVER_TRIES_MAX):
            answered = self._ask(asks)
            if isinstance(answered, list) or answered.get("code") != "restarting":
                break
            time.sleep(RETRY_AFTER_S)
        return answered

    def _ask(self, asks):
        closed = _unavailable("closed", "the connection was closed by its owner", "connect again")
        if self._is_closed:
            return closed
        if self._link is None:
            opened = _open(self._socket_path)
            if isinstance(opened, dict):
                return opened
            self._link = opened
        try:
            answered = self._link.ask(asks)
        finally:
            # In the middle of an answer nothing else can be read from it.
            if not self._link.is_usable:
                self._drop_link()
        return closed if self._is_closed and isinstance(answered, dict) else answered


class _Link:
    def __init__(self, connected):
        self._socket = connected
        self._last_id = 0
        self.is_usable = True

    def ask(self, asks):
        self._last_id += 1
        payload = b'{"id":%d,"asks":%s}' % (self._last_id, asks)
        farewell = None
        try:
            try:
                self._socket.sendall(HEADER.pack(len(payload), WIRE_VERSION, REQUEST_KIND, 0) + payload)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it may have said why before it went
            while True:
                reply = self._reply()
                if reply is None or isinstance(reply, str):
                    break
                if reply["id"] == self._last_id:
                    if farewell is not None:
                        self.is_usable = False
                    return reply["outcomes"] if "outcomes" in reply else _told(reply["error"])
                if reply["id"] == 0:
                    farewell = reply["error"]
        except OSError:
            reply = None
        except BaseException:
            self.is_usable = False
            raise
        self.is_usable = False
        if farewell is not None:
            return _told(farewell)  # after it the daemon answers what it has taken: the rest it has not
        if reply is not None:
            return _unavailable("unreadable", f"what listens there is no daemon of this version: {reply}", START)
        return _unavailable("lost", "the daemon ended before it answered; validators may have been asked",
                            "ask again if that does no harm")

    def hang_up(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the daemon was quicker

    def close(self):
        self._socket.close()

    def _reply(self):
        """None at the end, a text where it is no reply."""
        header = self._exactly(HEADER.size)
        if header is None:
            return None
        length, version, kind, _ = HEADER.unpack(header)
        if version != WIRE_VERSION:
            return f"it speaks protocol {version}, this client {WIRE_VERSION}"
        if kind != REPLY_KIND or length > FRAME_MAX_BYTES:
            return "its answer is malformed"
        payload = self._exactly(length)
        return None if payload is None else json.loads(payload.decode("utf-8"))

    def _exactly(self, count):
        got = bytearray()
        while len(got) < count:
            piece = self._socket.recv(min(READ_BYTES, count - len(got)))
            if not piece:
                return None
            got += piece
        return bytes(got)


def _open(socket_path):
    folder, problem = (os.path.dirname(socket_path), None) if socket_path else _runtime_folder()
    problem = problem or _folder_problem(folder)
    if problem is not None:
        return _unavailable("absent", *problem)
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.connect(socket_path or os.path.join(folder, SOCKET_NAME))
    except OSError as error:
        connected.close()
        return _unavailable("absent", f"no daemon listens for programs ({error.strerror})", START)
    uid = struct.unpack("3i", connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
    if uid != os.geteuid():
        connected.close()
        return _unavailable("absent", f"what listens there belongs to uid {uid}", START)
    return _Link(connected)


def _runtime_folder():
    """As the daemon chooses it (docs/protocol.md)."""
    uid = os.geteuid()
    own = os.environ.get("SUPERVISOR_RUNTIME_DIR", "")
    if own:
        if own.startswith("/"):
            return own, None
        return own, (f'"{own}" is not an absolute path', "set SUPERVISOR_RUNTIME_DIR to one")
    for base in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{uid}"):
        if base.startswith("/") and _is_folder_of(base, uid):
            return os.path.join(base, "hook-supervisor"), None
    return f"/tmp/hook-supervisor-{uid}", None


def _is_folder_of(path, uid):
    try:
        facts = os.stat(path)
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == uid


def _folder_problem(path):
    """Whoever owns the folder can pose as the daemon, and would be sent events."""
    try:
        facts = os.lstat(path)
    except OSError as error:
        return f"{path}: {error.strerror}", START
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or stat.S_IMODE(facts.st_mode) != 0o700:
        return f"{path} is no folder of yours that only you can enter", "set SUPERVISOR_RUNTIME_DIR to another"
    return None


def _json_of(ask):
    try:
        text = json.dumps(ask, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        return _refused("badRequest", f"it cannot be written as JSON: {error}", "give plain values")
    if len(text) + FRAME_SLACK_BYTES > FRAME_MAX_BYTES:
        return _refused("tooLarge", f"the event has {len(text)} bytes", f"{FRAME_MAX_BYTES} fit at most")
    return text


def _told(error):
    if error["code"] in REFUSALS:
        return _refused(error["code"], error["message"], error["remedy"])
    return {"kind": "unavailable", **error}


def _refused(code, message, remedy):
    return {"kind": "refused", "code": code, "message": message, "remedy": remedy}


def _unavailable(code, message, remedy):
    return {"kind": "unavailable", "code": code, "message": message, "remedy": remedy}
