"""The door of a sandbox: its one way out, accepted by who holds the other end of descriptor 6."""
import array
import os
import select
import socket
import subprocess
import unittest

from confine_case import Case, at_each_level, confined, needs_all_layers, needs_root
from keeper_case import k

DOOR_FD, PORT = 6, 3128
ASK = "import socket\ns = socket.create_connection(('127.0.0.1', 3128), 10)\ns.sendall(b'asked')\nprint(s.recv(9).decode())"


def take_door(entrance, timeout=10):
    """The listening socket and the descriptor whose end of file says that its namespace is over."""
    entrance.settimeout(timeout)
    fds = array.array("i")
    _, parts, _, _ = entrance.recvmsg(16, socket.CMSG_SPACE(4 * fds.itemsize))
    for _, _, data in parts:
        fds.frombytes(data)
    return socket.socket(fileno=fds[0]), fds[1], len(fds)


def answer(door, word):
    door.settimeout(10)
    connection, _ = door.accept()
    with connection:
        connection.recv(9)
        connection.sendall(word)


class Doors(Case):
    def entrance(self):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        return ours, theirs

    def start(self, level, text, theirs):
        fd = theirs.fileno()
        placed = f'exec {DOOR_FD}<&{fd}{"" if fd == DOOR_FD else f" {fd}<&-"}; exec "$@"'
        argv = confined.argv(level, [confined.PYTHON, "-I", "-S", "-c", text], user=self.USER, more=["--network", "door"])
        process = subprocess.Popen(["/bin/bash", "-c", placed, "bash", *argv], cwd="/", stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, pass_fds=[fd])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for stream in (process.stdin, process.stdout, process.stderr):
            self.addCleanup(stream.close)
        return process

    def open(self, level, text):
        """The running program, its door, and the descriptor of its life."""
        ours, theirs = self.entrance()
        process = self.start(level, text, theirs)
        door, life, count = take_door(ours)
        self.addCleanup(door.close)
        self.addCleanup(os.close, life)
        self.assertEqual(count, 2)
        return process, door, life


@needs_all_layers
class Door(Doors):
    @at_each_level
    def test_the_program_reaches_who_has_the_door(self, level):
        process, door, _ = self.open(level, ASK)
        answer(door, b"answered")
        self.assertEqual(process.communicate(), ("answered\n", ""))

    @at_each_level
    def test_nothing_else_is_reached_and_no_socket_is_made_but_inet(self, level):
        host = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(host.close)
        text = f"""
import socket
def reached(family, kind, address):
    with socket.socket(family, kind) as s:
        try: s.connect(address); s.send(b'x'); return 0
        except OSError as error: return error.errno
def made(family):
    try: socket.socket(family)
    except OSError as error: return error.errno
print(reached(2, 1, ('127.0.0.1', {host.getsockname()[1]})), reached(2, 1, ('169.254.169.254', 80)),
      reached(2, 2, ('192.0.2.1', 53)), reached(10, 1, ('2001:db8::1', 80)))
print(made(socket.AF_UNIX), made(socket.AF_VSOCK), made(socket.AF_PACKET))"""
        process, _, _ = self.open(level, text)
        self.assertEqual(process.communicate()[0], "111 101 101 101\n97 97 97\n")  # ECONNREFUSED, ENETUNREACH, EAFNOSUPPORT

    @at_each_level
    def test_two_sandboxes_have_a_door_each_at_the_same_port(self, level):
        one, door_of_one, _ = self.open(level, ASK)
        other, door_of_other, _ = self.open(level, ASK)
        answer(door_of_one, b"one")
        answer(door_of_other, b"other")
        self.assertEqual((one.communicate()[0], other.communicate()[0]), ("one\n", "other\n"))

    @at_each_level
    def test_the_program_has_neither_the_entrance_nor_the_door_nor_its_life(self, level):
        process, _, _ = self.open(level, "import os\nprint(sorted(map(int, os.listdir('/proc/self/fd')))[:-1])")
        self.assertEqual(process.communicate()[0], "[0, 1, 2]\n")

    @at_each_level
    def test_its_life_ends_with_the_namespace_and_not_before(self, level):
        text = "import os, sys\nif os.fork() == 0: os.execv('/bin/sleep', ['sleep', '50'])\nprint('up', flush=True)\nsys.stdin.read()"
        process, _, life = self.open(level, text)
        self.assertEqual(process.stdout.readline(), "up\n")
        self.assertEqual(select.select([life], [], [], 0.2)[0], [])
        process.stdin.close()
        self.assertEqual(select.select([life], [], [], 5)[0], [life])
        self.assertEqual(os.read(life, 1), b"")

    @at_each_level
    def test_nobody_there_to_take_it_is_a_failure_and_nothing_is_run(self, level):
        ours, theirs = self.entrance()
        ours.close()
        process = self.start(level, "print('run')", theirs)
        self.assertEqual(process.communicate(), ("", "supervisor-confine: stage 43, errno 32: send\n"))
        self.assertEqual(process.returncode, 126)


@needs_root
class DoorOfNobody(Door):
    USER = confined.AS_NOBODY


@needs_all_layers
class KeepersDoors(Doors):
    def test_every_parked_process_has_sent_its_door_and_a_hook_reaches_the_one_of_its_own(self):
        ours, theirs = self.entrance()
        options = confined.options("untrusted", read=[str(self.project)],
                                   more=["--network", "door", "--door", str(theirs.fileno())])
        with k.Keeper(*options, slots=2, parked=2, pass_fds=[theirs.fileno()]) as keeper:
            keeper.wait(lambda: len(keeper.kinds(k.PARKED)) == 2, what="two parked processes")
            doors = [take_door(ours) for _ in range(2)]
            call = keeper.start(k.order([confined.PYTHON, "-I", "-S", "-c", ASK], ["PATH=/bin"]), cwd=str(self.project))
            keeper.wait(lambda: self.ready(doors, 0), what="a connection")
            answer(self.ready(doors, 0)[0], b"mine")
            keeper.finish(call)
            self.assertEqual((call.end.exit_code, call.stdout, call.stderr), (0, b"mine\n", b""))
        for door, life, _ in doors:
            door.close()
            os.close(life)

    def ready(self, doors, timeout):
        return select.select([door for door, _, _ in doors], [], [], timeout)[0]


if __name__ == "__main__":
    unittest.main()
