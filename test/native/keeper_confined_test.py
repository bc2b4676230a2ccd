"""The keeper above `contained`: its processes are confined, and end with all that belongs to them."""
import os
import resource
import shutil
import signal
import struct
import subprocess
import time
import unittest

from confine_case import confined, needs_all_layers
from keeper_case import Case, k

NODE = shutil.which("node", path="/usr/local/bin:/usr/bin:/bin") or shutil.which("node")
WORKERS = os.path.join(k.ROOT, "dist", "workers", "node")
BITS = sum(1 << 1 + confined.LAYERS.index(name) for name in confined.LAYERS)  # bit 0: another uid
SCRIPT = 1
NODE_READ = [os.path.dirname(os.path.dirname(os.path.realpath(NODE))), WORKERS, "/etc/ssl"]


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as list_:
            return [int(child) for child in list_.read().split()]
    except FileNotFoundError:
        return []


def chain_of(pid):
    """A and all that descends from it."""
    return [pid] + [each for child in children(pid) for each in chain_of(child)]


class Confined(Case):
    def setUp(self):
        self.project = confined.Folder()
        self.addCleanup(self.project.remove)

    def keeper(self, level="untrusted", protect=(), read=(), layers=confined.LAYERS, **rest):
        return k.Keeper(*confined.options(level, layers=layers, read=read, write=[str(self.project)], protect=protect), **rest)

    def sh(self, keeper, text, **rest):
        return keeper.sh(text, cwd=str(self.project), **rest)


@needs_all_layers
class Levels(Confined):
    def test_parked_says_which_layers_were_entered_and_at_contained_none(self):
        for options, bits in (([], 0), (confined.options("restricted"), BITS), (confined.options("untrusted"), BITS)):
            with self.subTest(bits=bits), k.Keeper(*options) as keeper:
                keeper.wait(lambda: keeper.kinds(k.PARKED), what="PARKED")
                self.assertEqual(struct.unpack_from("<5I", keeper.kinds(k.PARKED)[0].payload)[4], bits)

    def test_a_task_is_confined_and_answers(self):
        for level in confined.LEVELS:
            with self.subTest(level=level), self.keeper(level) as keeper:
                call = self.sh(keeper, "read line; echo $line $$; pwd; echo x > new; ls ~ >/dev/null 2>&1 || exit 7",
                               stdin=b"in\n", env=("PATH=/usr/bin:/bin", "HOME=/root"))
                self.answered(call, 7, f"in 2\n{self.project}\n".encode())

    def test_what_a_hook_says_on_stderr_that_it_was_refused_is_counted_and_at_contained_nothing(self):
        text = "echo 'cat: x: Permission denied'; for i in 1 2; do echo 'cat: x: Permission denied' >&2; done"
        for options, told in (([], 0), (confined.options("restricted", write=[str(self.project)]), 2)):
            with self.subTest(told=told), k.Keeper(*options) as keeper:
                call = self.sh(keeper, text)
                keeper.wait(lambda: call.end, what="END")
                self.assertEqual(call.end.denials_told, told)

    def test_what_a_direct_run_inherits_is_put_on_and_lowered_limits_stay_so(self):
        own = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        kept = min(own, 1 << 16)
        text = "ulimit -n; ulimit -Hn; ulimit -Hc; umask; trap -- '' TERM; kill -HUP $$; echo still"
        with self.keeper() as keeper:
            call = self.sh(keeper, text, umask=0o27, ignored=1 << signal.SIGHUP - 1, limits={resource.RLIMIT_NOFILE: (own, 1 << 20)})
            self.answered(call, 0, f"{kept}\n{kept}\n0\n0027\nstill\n".encode())

    def test_a_folder_that_is_not_in_the_view_is_declined(self):
        hidden = confined.Folder(parent="/tmp")
        self.addCleanup(hidden.remove)
        for level in confined.LEVELS:
            with self.subTest(level=level), self.keeper(level) as keeper:
                call = keeper.sh("echo run", cwd=str(hidden))
                self.assertEqual((call.not_started, call.stdout), (k.NOT_STARTED_DECLINED, b""))

    def test_a_folder_that_is_another_one_in_the_view_is_declined(self):
        zygote = [NODE, "node", "--require", f"{WORKERS}/park.cjs", "--", "-hook"]
        node = {"runtime": "node", "zygote": zygote, "read": NODE_READ}
        for level in confined.LEVELS:
            for runtime in ({}, node):
                with self.subTest(level=level, runtime=runtime), self.keeper(level, parked=1, **runtime) as keeper:
                    call = keeper.run(["node", "/no/script"], path=NODE, mode=SCRIPT if runtime else 0, program_index=1, cwd="/tmp")
                    self.assertEqual(call.not_started, k.NOT_STARTED_DECLINED)

    def test_a_failing_step_is_told_with_stage_errno_and_subject(self):
        self.project.make("real/hooks")
        os.symlink("real", self.project.at(".git"))
        protected = self.project.at(".git/hooks")
        with self.keeper(protect=[protected]) as keeper:
            keeper.wait(lambda: keeper.kinds(k.FAILURE), what="FAILURE")
            payload = keeper.kinds(k.FAILURE)[0].payload
            self.assertEqual(struct.unpack_from("<IiI", payload), (42, 40, len(protected)))
            self.assertEqual(payload[12:], protected.encode())
            self.assertEqual(keeper.kinds(k.PARKED), [])

    def test_python_and_what_does_not_fit_together_are_refused_with_the_reason(self):
        cases = (("python", [], "a Python zygote cannot be confined yet: use the exec runtime"),
                 ("exec", ["--network", "host"], "--network host with networkNamespace"),
                 ("exec", ["--layers", "landlock"], "noNewPrivs"), ("exec", ["--layers", "none"], "none"),
                 ("exec", ["--protect", "relative"], "relative"))
        for runtime, more, words in cases:
            with self.subTest(words=words):
                argv = [k.KEEPER, "--channel", "3", "--ring", "4", "--ring-bytes", "262144", "--pool", "p", "--slots", "1",
                        "--runtime", runtime, *confined.options("restricted"), *more]
                argv += ["--", "/usr/bin/python3"] if runtime == "python" else []
                result = subprocess.run(argv, capture_output=True, text=True)
                self.assertEqual((result.returncode, result.stderr),
                                 (64, f"supervisor-keeper: bad usage: {words}. It is started by the supervisor, not by hand.\n"))

    def test_a_node_is_parked_and_confined(self):
        script = self.project.make("hook.js", "process.stdin.on('data', (d) => console.log(String(d), process.argv[2], "
                                   "process.cwd(), process.pid)); process.on('exit', () => { try { require('fs')"
                                   ".readdirSync('/root') } catch (e) { process.exitCode = 5 } })")
        zygote = [NODE, "node", "--require", f"{WORKERS}/park.cjs", "--", "-hook"]
        for level in confined.LEVELS:
            with self.subTest(level=level), self.keeper(level, read=NODE_READ, runtime="node", zygote=zygote, parked=1) as keeper:
                argv = ["node", script, "argument"]
                call = keeper.run(argv, path=NODE, mode=SCRIPT, program_index=1, stdin=b"in", cwd=str(self.project))
                self.answered(call, 5)
                self.assertRegex(call.stdout.decode(), f"^in argument {self.project} \\d+\n$")
                self.assertTrue(500 < call.end.cpu_us < 30000, f"{call.end.cpu_us} us, of which parking is no part")

    def test_an_interpreter_that_says_it_is_finished_is_answered_at_once_and_nobody_else_is_believed(self):
        text = """import ctypes, os, socket, struct, sys, time
order = socket.socket(fileno=200)
order.send(struct.pack('<III', 1, os.getpid(), 0))
order.recv(4096)
queue = ctypes.CDLL(None).sigqueue
queue.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
os.closerange(0, 3)
if os.fork() == 0:
    queue(1, 40, 99)
    os._exit(0)
os.wait()
time.sleep(0.1)
queue(os.getppid(), 40, 6)
time.sleep(5)"""
        zygote = ["/usr/bin/python3", "/usr/bin/python3", "-I", "-S", "-c", text]
        with self.keeper(runtime="node", zygote=zygote, parked=1) as keeper:
            began = time.monotonic()
            self.answered(keeper.run(["node", "x"]), 6)
            self.assertLess(time.monotonic() - began, 3)


@needs_all_layers
class Ends(Confined):
    def test_death_by_a_signal_is_the_tasks(self):
        with self.keeper() as keeper:
            call = self.sh(keeper, "kill -SEGV $$")
            self.assertEqual((call.end.outcome, call.end.signal), (k.ANSWERED, signal.SIGSEGV))

    def test_a_cancel_reaches_the_task_whose_own_end_is_seen(self):
        with self.keeper() as keeper:
            call = keeper.start(k.order(["/bin/sh", "-c", "trap 'echo got; exit 3' TERM; echo up; while :; do sleep 0.01; done"],
                                        ["PATH=/bin"]), cancel_grace_ms=5000, cwd=str(self.project))
            keeper.wait(lambda: call.stdout, what="the task's first line")
            keeper.cancel(call, signal.SIGTERM)
            keeper.finish(call, 3)
            self.assertEqual((call.end.outcome, call.end.exit_code, call.stdout), (k.CANCELLED, 3, b"up\ngot\n"))

    def test_a_deadline_kills_the_whole_chain(self):
        with self.keeper(parked=1, slots=1) as keeper:
            lease = keeper.lease()
            call = keeper.start(k.order(["/bin/sh", "-c", "trap '' TERM; (setsid sleep 50 &); sleep 50 & echo up; wait; :"],
                                        ["PATH=/bin"]), timeout_ms=400, lease=lease, cwd=str(self.project))
            keeper.wait(lambda: call.stdout, what="the task's first line")
            chain = chain_of(keeper.parked_pid(*lease))
            self.assertGreaterEqual(len(chain), 5)
            keeper.finish(call)
            self.assertEqual((call.end.outcome, call.end.signal), (k.TIMED_OUT, signal.SIGKILL))
            self.assertTrue(k.gone_within(0.5, chain))

    def test_nothing_outlives_the_reply(self):
        text = "(trap '' HUP; setsid sleep 50 >/dev/null 2>&1 </dev/null & echo up $!)"
        for layers in (confined.LAYERS, confined.WITHOUT_NAMESPACES):
            with self.subTest(layers=len(layers)), self.keeper("restricted", layers=layers) as keeper:
                self.answered(self.sh(keeper, text))
                end = time.monotonic() + 1
                mine = lambda: [p for p in chain_of(keeper.process.pid) if b"sleep" in self.command_of(p)]  # noqa: E731
                while mine() and time.monotonic() < end:
                    keeper.turn()
                self.assertEqual((mine(), keeper.kinds(k.LINGERING)), ([], []))

    def stop_outside(self, keeper, text):
        """A call of which A, that waits for the end of the namespaces, is stopped once the hook has said its first line."""
        lease = keeper.lease()
        call = keeper.start(k.order(["/bin/sh", "-c", f"echo up; read line; {text}"], ["PATH=/bin"]), lease=lease,
                            complete=False, cwd=str(self.project))
        keeper.wait(lambda: call.stdout, what="the task's first line")
        outside = keeper.parked_pid(*lease)
        os.kill(outside, signal.SIGSTOP)
        keeper.stdin(call, b"go\n", end=True)
        return call, outside

    def test_the_answer_does_not_wait_for_the_end_of_the_namespaces_and_the_slot_does(self):
        with self.keeper(parked=1, slots=1) as keeper:
            call, outside = self.stop_outside(keeper, "echo more; exit 7")
            keeper.finish(call, 0.7)
            self.answered(call, 7, b"up\nmore\n")
            keeper.turn(0.1)
            self.assertEqual(len(keeper.kinds(k.PARKED)), 1)
            os.kill(outside, signal.SIGCONT)
            self.answered(self.sh(keeper, "echo next"), 0, b"next\n")

    def test_a_process_that_does_not_end_after_its_answer_is_killed(self):
        with self.keeper(parked=1, slots=1) as keeper:
            call, outside = self.stop_outside(keeper, "kill -SEGV $$")
            keeper.finish(call, 0.7)
            self.assertEqual((call.end.outcome, call.end.signal), (k.ANSWERED, signal.SIGSEGV))
            self.answered(self.sh(keeper, "echo next"), 0, b"next\n")
            self.assertTrue(k.gone_within(0.5, [outside]))

    def test_the_answer_waits_for_the_end_of_what_a_hook_leaves_running(self):
        with self.keeper(parked=1, slots=1) as keeper:
            call, outside = self.stop_outside(keeper, "sleep 50 >/dev/null 2>&1 & sleep 0.1; exit 0")
            until = time.monotonic() + 0.3
            while time.monotonic() < until:
                keeper.turn()
            self.assertIsNone(call.end)
            os.kill(outside, signal.SIGCONT)
            keeper.finish(call, 3)
            self.answered(call, 0, b"up\n")

    def test_the_figures_are_those_of_the_hook_and_of_what_it_has_waited_for(self):
        text = "python3 -I -S -c 'import time; b\"x\" * (60 << 20)\nwhile time.process_time() < 0.15: pass'; exit 0"
        with self.keeper() as keeper:
            call = self.sh(keeper, text, env=("PATH=/usr/bin:/bin",))
            self.answered(call)
            self.assertTrue(150_000 <= call.end.cpu_us < 400_000, call.end.cpu_us)
            self.assertTrue(60 << 20 <= call.end.memory_peak_bytes < 120 << 20, call.end.memory_peak_bytes)

    def command_of(self, pid):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                return file.read()
        except OSError:
            return b""

    def test_killing_any_of_a_running_chain_ends_the_task_and_leaves_nothing(self):
        for which in range(3):
            with self.subTest("ABC"[which]), self.keeper(parked=1, slots=1) as keeper:
                lease = keeper.lease()
                call = keeper.start(k.order(["/bin/sh", "-c", "sleep 50 & echo up; wait"], ["PATH=/bin"]), lease=lease,
                                    cwd=str(self.project))
                keeper.wait(lambda: call.stdout, what="the task's first line")
                chain = chain_of(keeper.parked_pid(*lease))
                os.kill(chain[which], signal.SIGKILL)
                keeper.finish(call, 5)
                self.assertEqual((call.end.outcome, call.end.signal), (k.ANSWERED, signal.SIGKILL))
                self.assertTrue(k.gone_within(0.5, chain))
                self.answered(self.sh(keeper, "echo next"), 0, b"next\n")

    def test_killing_the_keeper_leaves_nothing(self):
        keeper = self.keeper(parked=2)
        with keeper:
            call = keeper.start(k.order(["/bin/sh", "-c", "echo up; sleep 50; :"], ["PATH=/bin"]), cwd=str(self.project))
            keeper.wait(lambda: call.stdout and len(keeper.kinds(k.PARKED)) >= 2, what="a task and a parked process")
            everybody = chain_of(keeper.process.pid)
            self.assertGreaterEqual(len(everybody), 7)
            keeper.process.kill()
            keeper.process.wait()
            self.assertTrue(k.gone_within(1, everybody))


if __name__ == "__main__":
    unittest.main()
