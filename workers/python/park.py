"""A parked process: adopted, placed, warmed, and waiting for its one order."""
import io
import os
import sys
import time

modules, streams, wire = load("modules"), load("streams"), load("wire")
run = load("run")

ORDER_FD = 3
ADOPTION_TIMEOUT_S = 5
ADOPTION_POLL_S = 0.0005
EXIT_NOT_ADOPTED, EXIT_NO_LEAF = 71, 72
# Imported and used once while parking, so that the hook does not pay for the copies of the pages it touches.
REHEARSED = ("json", "re", "pathlib", "subprocess", "shlex", "argparse", "datetime", "hashlib")
REHEARSAL = """
def visit(value, depth=0):
    return {key: visit(item, depth + 1) for key, item in value.items()} if isinstance(value, dict) else value
class Thing:
    def __init__(self, name):
        self.name = name
read = io.TextIOWrapper(io.BufferedReader(io.BytesIO(b'{"tool": [1]}')), "utf-8")
print(json.dumps(json.load(read)), file=io.StringIO())
text = json.dumps(visit(json.loads('{"tool_name": "Bash", "tool_input": {"command": "ls", "n": [1, 2.5, null, true]}}')))
found = [match.group(0) for match in re.finditer(r"[a-z_]+", text)]
path = pathlib.Path("/etc") / Thing("hosts").name
name, folder, size = path.name, str(path.parent), "%s %d {}".format(len(found)) % (text, len(found))
try:
    raise ValueError(name)
except ValueError as error:
    kept = str(error)
sorted(set(found), key=len)
"""


def warm_up():
    """Touches what hooks touch, without a visible effect."""
    visible = set(sys.modules)
    for name in REHEARSED:
        modules.restore(name)
    namespace = {name: modules.module_at(name) for name in REHEARSED}
    namespace["io"] = io
    exec(compile(REHEARSAL, "<rehearsal>", "exec", dont_inherit=True), namespace)
    modules.hide_again(visible)


def be_adopted(keeper_pid):
    """Waits until the process between has left and the keeper, a subreaper, is the parent."""
    give_up_at = time.monotonic() + ADOPTION_TIMEOUT_S
    while os.getppid() != keeper_pid:
        if time.monotonic() > give_up_at:
            os._exit(EXIT_NOT_ADOPTED)
        time.sleep(ADOPTION_POLL_S)


def take_place(frames, keeper_pid, descriptors):
    """Own session, own leaf, own pipes; no other descriptor than the order socket."""
    be_adopted(keeper_pid)
    frames.set_death_signal(9)
    frames.set_keeper(keeper_pid)
    if os.getppid() != keeper_pid:  # it died before the death signal was set
        os._exit(EXIT_NOT_ADOPTED)
    os.setsid()
    if len(descriptors) == 5:
        try:
            os.write(descriptors[4], b"0")
        except OSError:
            os._exit(EXIT_NO_LEAF)
    for fd in range(3):
        os.dup2(descriptors[fd], fd)
    os.dup2(descriptors[3], ORDER_FD, inheritable=False)
    frames.close_from(ORDER_FD + 1)


def receive_order(order_socket):
    """(bytes of the order, cwd descriptor); None at end of file: the keeper does not need this process."""
    _socket = modules.module_at("_socket")
    data, cwd_fd, total_bytes = bytearray(), None, None
    try:
        while total_bytes is None or len(data) < total_bytes:
            want = 256 * 1024 if total_bytes is None else total_bytes - len(data)
            part, ancillary, _, _ = order_socket.recvmsg(want, _socket.CMSG_SPACE(4), _socket.MSG_CMSG_CLOEXEC)
            if not part:
                return None
            data += part
            for _, _, payload in ancillary:
                cwd_fd = int.from_bytes(payload[:4], sys.byteorder)
            if total_bytes is None and len(data) >= wire.ORDER_BLOBS_AT:
                total_bytes = wire.order_length_bytes(data)
                if total_bytes is None:
                    return None
    except OSError:
        return None
    return bytes(data), cwd_fd


def wait_for_job(frames, start, message, descriptors):
    """Parks, waits, and prepares the order; the job that frames.run() is to execute. Leaves where there is none."""
    take_place(frames, message[4], descriptors)
    streams.install(start.streams)
    run.rehearse(frames, start)
    warm_up()
    modules.module_at("gc").freeze()
    order_socket = modules.module_at("_socket").socket(fileno=ORDER_FD)
    order_socket.send(wire.PARK_REPORT.pack(wire.PARK_READY, os.getpid()))
    received = receive_order(order_socket)
    if received is None:
        os._exit(0)
    order = wire.decode_order(received[0])
    job = None
    if order is not None and received[1] is not None:
        job = run.prepare(frames, start, order, received[1])
    if job is None:
        order_socket.send(wire.PARK_REPORT.pack(wire.PARK_DECLINED, os.getpid()))
        os._exit(0)
    order_socket.close()
    frames.set_dumpable(1)
    return job
