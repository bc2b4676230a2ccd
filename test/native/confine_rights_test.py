"""supervisor-confine: what a program cannot do to other processes, to the network and to the kernel."""
import os
import signal
import socket
import subprocess
import unittest

from confine_case import Case, at_each_level, confined, needs_all_layers, needs_root

# errno of a raw system call, 0 if it was let through.
CALL = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    return errno.errorcode.get(ctypes.get_errno()) if libc.syscall(number, *arguments) < 0 else 0
"""
NUMBERS = {
    "x86_64": {"ptrace": 101, "mount": 165, "unshare": 272, "umount2": 166, "setns": 308, "chroot": 161, "bpf": 321,
               "keyctl": 250, "pidfd_getfd": 438, "io_uring_setup": 425, "setuid": 105, "sethostname": 170},
    "aarch64": {"ptrace": 117, "mount": 40, "unshare": 97, "umount2": 39, "setns": 268, "chroot": 51, "bpf": 280,
                "keyctl": 219, "pidfd_getfd": 438, "io_uring_setup": 425, "setuid": 146, "sethostname": 161},
}[os.uname().machine]
SOCKET = """
import socket
def made(*kind):
    try: socket.socket(*kind).close()
    except OSError as error: return error.errno
    return 0
"""
EAFNOSUPPORT = 97


@needs_all_layers
class Rights(Case):
    def answers(self, level, program, wanted, **rest):
        result = self.python(level, program, **rest)
        self.assertEqual(result.stdout.strip(), wanted, result.stderr)

    @at_each_level
    def test_proc_shows_its_own_processes_only(self, level):
        text = "import os\nprint(sorted(int(n) for n in os.listdir('/proc') if n.isdigit()), os.getpid(), os.getppid())"
        self.answers(level, text, "[1, 2] 2 1")

    @at_each_level
    def test_the_kernels_settings_are_read_only_even_to_root_without_landlock(self, level):
        text = """import os
for name in ('sys/kernel/core_pattern', 'sys/vm/drop_caches', 'irq/default_smp_affinity', 'self/oom_score_adj', '1/oom_score_adj'):
    try: os.close(os.open('/proc/' + name, os.O_WRONLY))
    except OSError as error: print(error.errno == 30)"""
        self.answers(level, text, "\n".join(["True"] * 5), layers=[name for name in confined.LAYERS if name != "landlock"])

    @at_each_level
    def test_the_first_process_is_not_open_to_the_program(self, level):
        text = CALL + f"""
print(call({NUMBERS['ptrace']}, 16, 1, 0, 0))
for name in ('mem', 'environ', 'maps', 'fd/5', 'root/usr', 'cwd/usr'):  # fd/5: by which it tells of the program's end
    try: os.open('/proc/1/' + name, os.O_WRONLY if name == 'fd/5' else os.O_RDONLY)
    except OSError as error: print(name, error.errno in (1, 13))
os.kill(1, 9)
print('alive')"""
        self.answers(level, text, "EPERM\nmem True\nenviron True\nmaps True\nfd/5 True\nroot/usr True\ncwd/usr True\nalive")

    @at_each_level
    def test_processes_outside_cannot_be_named(self, level):
        victim = subprocess.Popen([*self.USER, "sleep", "50"])
        self.addCleanup(victim.wait)
        self.addCleanup(victim.kill)
        text = f"""
import os, resource
def refused(act):
    try: act()
    except OSError: return True
print(refused(lambda: os.kill({victim.pid}, 9)), refused(lambda: os.setpriority(0, {victim.pid}, 19)),
      refused(lambda: resource.prlimit({victim.pid}, resource.RLIMIT_CPU, (0, 0))),
      refused(lambda: os.sched_setaffinity({victim.pid}, [0])))"""
        self.answers(level, text, "True True True True")
        self.assertIsNone(victim.poll())

    @at_each_level
    def test_without_a_network_no_socket_can_be_made_but_pairs(self, level):
        text = SOCKET + """
print([made(family) for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_VSOCK)])
socket.socketpair()
import os
print(sorted(os.listdir('/sys/class/net')) if os.path.exists('/sys/class/net') else 'hidden')"""
        result = self.python(level, text).stdout.splitlines()
        self.assertEqual(result[0], str([EAFNOSUPPORT] * 5))

    @at_each_level
    def test_with_the_hosts_network_inet_works_and_unix_sockets_do_not(self, level):
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        layers = [layer for layer in confined.LAYERS if layer != "networkNamespace"]
        text = SOCKET + f"""
socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))
print(made(socket.AF_UNIX), made(socket.AF_PACKET, socket.SOCK_RAW), made(socket.AF_VSOCK))"""
        self.answers(level, text, f"{EAFNOSUPPORT} {EAFNOSUPPORT} {EAFNOSUPPORT}", layers=layers, more=["--network", "host"])

    @at_each_level
    def test_no_socket_of_the_host_can_be_reached_by_path(self, level):
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(self.project.at("socket"))
        server.listen()
        text = f"import socket\ntry: socket.socket(socket.AF_UNIX).connect('{self.project}/socket')\n" \
               "except OSError as error: print(error.errno)"
        self.answers(level, text, str(EAFNOSUPPORT), write=[str(self.project)])

    @at_each_level
    def test_calls_that_change_the_sandbox_or_reach_out_of_it_are_refused(self, level):
        names = ["ptrace", "mount", "unshare", "umount2", "setns", "chroot", "bpf", "keyctl", "pidfd_getfd", "sethostname"]
        text = CALL + f"print(*(call(number, 0, 0, 0, 0, 0) for number in {[NUMBERS[name] for name in names]}))\n" \
            f"print(call({NUMBERS['unshare']}, 0x10000000), call({NUMBERS['io_uring_setup']}, 1, 0), call(435, 0, 0))"
        self.answers(level, text, " ".join(["EPERM"] * len(names)) + "\nEPERM ENOSYS ENOSYS")

    @at_each_level
    def test_no_capability_is_there_or_can_be_had(self, level):
        text = "for line in open('/proc/self/status'):\n  if line.startswith(('Cap', 'NoNew', 'Seccomp:')): print(line.split()[1])"
        self.answers(level, text, "\n".join(["0" * 16] * 5 + ["1", "2"]))
        text = "import os\nfor act in (lambda: os.setuid(1), lambda: os.setgroups([0]), lambda: os.chown('/tmp', 1, 1)):\n" \
               "  try: act()\n  except OSError as error: print(error.errno)"
        self.answers(level, text, "22\n1\n22")  # ids that are not mapped are invalid; groups may not be set

    @at_each_level
    def test_a_setuid_program_gives_nothing(self, level):
        program = self.project.make("id", "")
        with open("/usr/bin/id", "rb") as source, open(program, "wb") as copy:
            copy.write(source.read())
        os.chown(program, 0 if os.getuid() == 0 else os.getuid(), -1)
        os.chmod(program, 0o6755)
        result = self.confine(level, [program, "-u"], read=[program])
        self.assertEqual(result.stdout, f"{self.project.owner}\n", result.stderr)

    @at_each_level
    def test_limits_are_lowered_for_good(self, level):
        text = "import resource as r\nprint(r.getrlimit(r.RLIMIT_CORE), r.getrlimit(r.RLIMIT_MEMLOCK))\n" \
               "try: r.setrlimit(r.RLIMIT_CORE, (0, 1))\nexcept (ValueError, OSError): print('stays')"
        self.answers(level, text, "(0, 0) (0, 0)\nstays")

    @at_each_level
    def test_memory_shared_by_number_is_not_the_hosts(self, level):
        made = subprocess.run(["ipcmk", "--shmem", "100"], capture_output=True, text=True)
        if made.returncode != 0:
            self.skipTest("no ipcmk")
        number = made.stdout.split()[-1]
        self.addCleanup(subprocess.run, ["ipcrm", "--shmem-id", number])
        self.assertNotIn(f" {number} ", self.sh(level, "cat /proc/sysvipc/shm").stdout)
        with open("/proc/sysvipc/shm") as listing:
            self.assertIn(number, listing.read().split())


@needs_root
class RightsOfNobody(Rights):
    USER = confined.AS_NOBODY


class WithoutNamespaces(Case):
    """Landlock and the filter alone, as in a plain container."""

    def python(self, level, text, **rest):
        return super().python(level, text, layers=confined.WITHOUT_NAMESPACES, **rest)

    @at_each_level
    def test_only_itself_can_be_named(self, level):
        victim = subprocess.Popen([*self.USER, "sleep", "50"])
        self.addCleanup(victim.wait)
        self.addCleanup(victim.kill)
        text = f"""
import os, resource
def refused(act):
    try: act()
    except OSError: return True
print(refused(lambda: os.kill({victim.pid}, {int(signal.SIGTERM)})), refused(lambda: os.setpriority(0, {victim.pid}, 19)),
      refused(lambda: resource.prlimit({victim.pid}, resource.RLIMIT_CPU, (0, 0))),
      refused(lambda: open('/proc/{victim.pid}/cmdline')))"""
        self.assertEqual(self.python(level, text).stdout, "True True True True\n")
        self.assertIsNone(victim.poll())

    @at_each_level
    def test_nothing_is_written_but_what_was_given(self, level):
        elsewhere = confined.Folder(self.USER)
        self.addCleanup(elsewhere.remove)
        text = f"open('{self.project}/a', 'w')\ntry: open('{elsewhere}/a', 'w')\nexcept OSError as error: print(error.errno)"
        self.assertEqual(self.python(level, text, write=[str(self.project)]).stdout, "13\n")


@needs_root
class WithoutNamespacesOfNobody(WithoutNamespaces):
    USER = confined.AS_NOBODY


if __name__ == "__main__":
    unittest.main()
