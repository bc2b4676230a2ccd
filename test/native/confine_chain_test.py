"""supervisor-confine: the processes of its pid namespace, and how a program's end comes out of it."""
import os
import signal
import subprocess
import time
import unittest

from confine_case import Case, at_each_level, confined, needs_all_layers, needs_root


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as list_:
        return [int(child) for child in list_.read().split()]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def within(seconds, condition):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


@needs_all_layers
class Chain(Case):
    def begin(self, text, level="untrusted"):
        """The process and [A, B, C], once the program has said that it is there."""
        command = confined.argv(level, ["/bin/sh", "-c", text], user=self.USER)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdout.readline()
        (init,) = children(process.pid)
        return process, [process.pid, init, children(init)[0]]

    @at_each_level
    def test_exit_codes_pass_through(self, level):
        for code in (0, 1, 2, 126, 255):
            self.assertEqual(self.sh(level, f"exit {code}").returncode, code)

    @at_each_level
    def test_death_by_a_signal_passes_through(self, level):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGPIPE, signal.SIGRTMIN + 3):
            self.assertEqual(self.sh(level, f"kill -{int(number)} $$").returncode, -number)

    def test_without_a_pid_namespace_the_program_takes_our_place(self):
        result = self.sh("restricted", "echo $$ $PPID; while read line; do echo $line; done </proc/self/status", layers=confined.WITHOUT_NAMESPACES)
        self.assertIn("Seccomp: 2\n", result.stdout)
        self.assertEqual(int(result.stdout.split()[1]), os.getpid())

    def test_streams_are_the_programs_alone(self):
        process, _ = self.begin("echo up; exec <&- >&-; sleep 50")
        self.assertTrue(within(2, lambda: process.stdout.read(1) == b""), "end of file while the program runs")
        self.assertIsNone(process.poll())

    def test_signals_meant_for_the_program_end_no_other_of_the_chain(self):
        process, (outside, init, hook) = self.begin("trap 'echo got; exit 9' TERM; echo up; while :; do sleep 0.01; done")
        for pid in (outside, init):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
                os.kill(pid, number)
        time.sleep(0.1)
        self.assertEqual([alive(pid) for pid in (outside, init, hook)], [True] * 3)
        os.kill(hook, signal.SIGTERM)
        self.assertEqual((process.stdout.read(), process.wait(5)), (b"got\n", 9))

    def test_killing_any_of_the_chain_ends_all_that_is_in_it(self):
        for which in range(3):
            with self.subTest("ABC"[which]):
                process, chain = self.begin("(setsid sleep 50 >/dev/null 2>&1 &); sleep 50 & sleep 0.1; echo up; wait; exit 4")
                everybody = {*chain, *(child for pid in chain[1:] for child in children(pid))}
                self.assertEqual(len(everybody), 5)
                os.kill(chain[which], signal.SIGKILL)
                self.assertEqual(process.wait(5), -signal.SIGKILL)
                self.assertTrue(within(1, lambda: not any(map(alive, everybody))))

    def test_the_end_of_the_program_ends_what_it_left_behind(self):
        process, chain = self.begin("(trap '' HUP TERM; setsid sleep 50 >/dev/null 2>&1 &) & sleep 0.1; echo up; sleep 0.3; exit 3")
        self.assertEqual(process.wait(5), 3)
        self.assertFalse(any(map(alive, chain)))

    def test_the_end_of_the_caller_ends_all(self):
        command = confined.argv("untrusted", ["/bin/sh", "-c", "echo up; sleep 50; :"], user=self.USER)
        caller = subprocess.Popen(["/bin/sh", "-c", '"$@"; :', "sh", *command], stdout=subprocess.PIPE)
        caller.stdout.readline()
        chain = [caller.pid]
        while children(chain[-1]):
            chain += children(chain[-1])
        self.assertGreaterEqual(len(chain), 4)
        caller.kill()
        caller.wait()
        caller.stdout.close()
        self.assertTrue(within(1, lambda: not any(map(alive, chain))))

    def test_orphans_in_the_namespace_are_reaped(self):
        text = "for i in 1 2 3 4 5 6 7 8; do (sleep 0.01 &) ; done; sleep 0.2; grep -l 'State:.*Z' /proc/[0-9]*/status"
        result = self.sh("untrusted", text)
        self.assertEqual((result.stdout, result.returncode), ("", 1))


@needs_root
class ChainOfNobody(Chain):
    USER = confined.AS_NOBODY


class Failures(Case):
    def test_bad_usage_is_named(self):
        for more, named in ((["--nonsense", "1"], "--nonsense"), (["--read", "relative"], "--read"), (["--read", "/"], "--read"),
                            (["--write", "/a/../b"], "--write"), (["--layers", "otherUid"], "--layers"),
                            (["--tmp-max-bytes", "many"], "--tmp-max-bytes"), (["--network", "some"], "--network"),
                            (["--layers", "landlock"], "noNewPrivs"), (["--outer", "some"], "--outer"),
                            (["--outer", "new"], "--outer new without --order-fd"),
                            (["--layers", "userNamespace,networkNamespace", "--outer", "kept"], "--outer without its namespaces"),
                             (["--layers", "ownProc,pidNamespace"], "mountNamespace"),
                            (["--layers", "noNewPrivs", "--protect", "/usr/lib"], "--protect without mountNamespace"),
                            (["--network", "host"], "--network host with networkNamespace"),
                            (["--network", "door", "--outer", "kept"], "--outer with --network door"),
                            (["--layers", "networkNamespace", "--network", "door"],
                             "--network door without networkNamespace and pidNamespace")):
            with self.subTest(more=more):
                result = confined.run("restricted", ["/bin/true"], more=more)
                self.assertEqual((result.returncode, result.stderr), (64, f"supervisor-confine: bad usage: {named}\n"))

    def test_without_a_layer_nothing_is_run(self):
        argv = [confined.CONFINE, "--level", "untrusted", "--", "/bin/echo", "free"]
        result = subprocess.run(argv, capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout), (64, ""))
        self.assertEqual(result.stderr, "supervisor-confine: bad usage: --layers\n")

    @needs_all_layers
    @at_each_level
    def test_a_step_that_fails_is_named_and_nothing_is_run(self, level):
        missing = self.project.at("missing")
        result = self.sh(level, "echo run", write=[str(self.project)], protect=[missing])
        self.assertEqual((result.returncode, result.stdout, result.stderr),
                         (126, "", f"supervisor-confine: stage 42, errno 2: {missing}\n"))

    @needs_all_layers
    @at_each_level
    def test_a_namespace_that_is_refused_is_named_and_nothing_is_run(self, level):
        # A user namespace of which the limit on others is 0: the refusal of many hosts.
        text = 'echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"'
        command = ["unshare", "--user", "--map-root-user", "/bin/sh", "-c", text, "sh",
                   *confined.argv(level, ["/bin/echo", "run"])]
        result = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout, result.stderr),
                         (126, "", "supervisor-confine: stage 21, errno 28: networkNamespace\n"))

    @needs_all_layers
    @at_each_level
    def test_a_program_that_is_not_there_is_named(self, level):
        result = self.confine(level, ["/usr/bin/no-such-program"])
        self.assertEqual((result.returncode, result.stderr),
                         (126, "supervisor-confine: stage 16, errno 2: /usr/bin/no-such-program\n"))


if __name__ == "__main__":
    unittest.main()
