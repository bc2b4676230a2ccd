"""A script whose code the zygote has learned is compiled no more, and a script that differs in any way is.

    python3 test/conformance/python_learned_script_test.py     HS_TEST_PYTHONS=/path/a:/path/b to name interpreters
"""
import os
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures"))
import zygote_driver as driver  # noqa: E402
from zygote_learning import ENVIRONMENT, Learning  # noqa: E402

PYTHONS = os.environ.get("HS_TEST_PYTHONS", "/usr/bin/python3").split(":")
SCRIPTS_MAX, SCRIPT_MAX_BYTES = 64, 128 * 1024
# Notes who compiles what. A direct run compiles its script without this function, and a zygote's child with it.
WATCH = """
import builtins, os, sys
real, calls, audited = builtins.compile, [], []
def compile(source, filename, *rest, **named):
    calls.append((os.getpid(), filename))
    return real(source, filename, *rest, **named)
builtins.compile = compile
sys.addaudithook(lambda event, arguments: event == "compile" and audited.append((os.getpid(), arguments[1])))
"""
TAIL = """
import os, sys
watch = sys.modules["sitecustomize"]
seen = [(os.getpid(), __file__) in notes for notes in (watch.calls, watch.audited)]
sys.stderr.write("compiled: %s, audited: %s" % tuple(seen))
"""
COMPILED, LEARNED = "compiled: True, audited: True", "compiled: False, audited: True"


class LearnedScript(unittest.TestCase):
    python = PYTHONS[0]

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder, True)
        os.mkdir(self.folder + "/watch")
        self.write("watch/sitecustomize.py", WATCH)
        self.env = {**ENVIRONMENT, "PYTHONPATH": self.folder + "/watch", "PYTHONDONTWRITEBYTECODE": "1"}
        self.path = self.folder + "/hook.py"
        self.learning = Learning(self.python, [], self.env)

    def tearDown(self):
        self.learning.stop()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def run_parked(self, path=None, parked=None):
        answer = self.learning.run_in(parked or self.learning.zygote.park(), [path or self.path], cwd=self.folder)
        return answer.stdout.decode(), answer.stderr.decode()

    def learn(self, text, scripts=1):
        self.write("hook.py", text + TAIL)
        self.assertEqual(self.run_parked()[1], COMPILED)
        self.learning.wait_for(scripts)
        self.assertEqual(self.run_parked()[1], LEARNED)

    def test_known_script_is_not_compiled_again(self):
        self.learn("print('one')")
        for _ in range(3):
            self.assertEqual(self.run_parked(), ("one\n", LEARNED))

    def test_process_that_was_parked_before_compiles_by_itself(self):
        self.write("hook.py", "print('one')" + TAIL)
        early = self.learning.zygote.park()
        self.run_parked()
        self.learning.wait_for(1)
        self.assertEqual(self.run_parked(parked=early), ("one\n", COMPILED))
        self.assertEqual(self.learning.scripts_now(), 1)

    def test_edit_is_seen_at_once_and_learned_in_place_of_the_script_before(self):
        self.learn("print('one')")
        early = self.learning.zygote.park()
        self.write("hook.py", "print('two')" + TAIL)
        self.assertEqual(self.run_parked(), ("two\n", COMPILED))
        self.assertEqual(self.run_parked(parked=early), ("two\n", COMPILED))
        self.assertEqual(self.learning.scripts_now(), 1)
        self.assertEqual(self.run_parked(), ("two\n", LEARNED))

    def test_edit_of_the_same_size_with_its_time_put_back_is_seen(self):
        self.learn("print('one')")
        before = os.stat(self.path)
        with open(self.path, "r+") as file:
            file.write("print('two')")
        os.utime(self.path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.assertEqual(os.stat(self.path).st_size, before.st_size)
        self.assertEqual(self.run_parked(), ("two\n", COMPILED))

    def test_other_file_under_the_name_is_seen(self):
        self.learn("print('one')")
        self.write("new.py", "print('two')" + TAIL)
        os.rename(self.folder + "/new.py", self.path)
        self.assertEqual(self.run_parked(), ("two\n", COMPILED))

    def test_switched_link_is_seen_and_switched_back_it_is_known(self):
        for name in ("one", "two"):
            self.write(name + ".py", "print('%s')" % name + TAIL)
        os.symlink("one.py", self.path)
        self.run_parked()
        self.learning.wait_for(1)
        self.assertEqual(self.run_parked(), ("one\n", LEARNED))
        os.remove(self.path)
        os.symlink("two.py", self.path)
        self.assertEqual(self.run_parked(), ("two\n", COMPILED))
        os.remove(self.path)
        os.symlink("one.py", self.path)
        self.assertIn(self.run_parked(), (("one\n", LEARNED), ("one\n", COMPILED)))

    def test_script_that_is_gone_is_declined(self):
        self.learn("print('one')")
        os.remove(self.path)
        self.assertTrue(self.learning.run([self.path]).declined)

    def test_each_spelling_of_a_path_has_its_own_code(self):
        self.learn("def f(): return f.__code__.co_filename\nprint(__file__)\nprint(f())")
        other = self.folder + "/./hook.py"
        self.assertEqual(self.run_parked(other), ("%s\n%s\n" % (other, other), COMPILED))
        self.learning.wait_for(2)
        for path in (other, self.path):
            self.assertEqual(self.run_parked(path), ("%s\n%s\n" % (path, path), LEARNED))

    def test_traceback_of_known_code_shows_the_lines_of_the_file(self):
        text = "def f(event):\n    return event['a']\nprint('x')\n"
        self.learn(text)
        self.write("hook.py", text + TAIL + "f({})  # here\n")
        self.run_parked()
        self.learning.scripts_now()
        answer = self.learning.run([self.path], cwd=self.folder)
        self.assertIn(LEARNED.encode(), answer.stderr)
        self.assertIn(b"f({})  # here", answer.stderr)
        direct = driver.run_directly([self.python, self.path], self.env, cwd=self.folder)
        self.assertEqual(answer.stderr.partition(b"Traceback")[2], direct.stderr.partition(b"Traceback")[2])

    def test_hook_that_writes_over_its_own_file_runs_on_and_the_next_is_new(self):
        self.learn("import sys\nif len(sys.argv) > 1: open(__file__, 'w').write('print(2)')\nprint(1)")
        answer = self.learning.run([self.path, "write"])
        self.assertEqual((answer.stdout, answer.stderr), (b"1\n", LEARNED.encode()))
        self.assertEqual(self.run_parked(), ("2\n", ""))

    def test_hook_cannot_change_the_code_that_others_get(self):
        self.learn("import ctypes, sys\ntext = 'good and true'\nprint(text, flush=True)\n"
                   "ctypes.memset(id(text) + sys.getsizeof(text) - 14, 66, 4)\nprint(text)\n")
        for _ in range(3):
            self.assertEqual(self.run_parked(), ("good and true\nBBBB and true\n", LEARNED))

    def test_references_to_known_code_are_those_of_a_direct_run(self):
        self.learn("import sys\nprint(sys.getrefcount(sys._getframe().f_code), sys.getrefcount(sys._getframe().f_code.co_consts))")
        self.assertEqual(self.run_parked()[0].encode(), driver.run_directly([self.python, self.path], self.env).stdout)

    def test_script_that_warns_or_fails_to_compile_is_never_learned(self):
        for text in ("x = 1\nif x is 1: print(x)\n", "def f(:\n", "# coding: latin-1\nprint(1)\n", "print(1)\0\n"):
            with self.subTest(text=text):
                self.write("hook.py", text)
                self.assertTrue(self.learning.run([self.path]).declined)
        self.assertEqual(self.learning.scripts_now(), 0)

    def test_known_script_that_warns_after_an_edit_is_declined(self):
        self.learn("print('one')")
        self.write("hook.py", "x = 1\nif x is 1: print(x)\n")
        self.assertTrue(self.learning.run([self.path]).declined)

    def test_byte_order_mark_and_cookie_of_utf_8(self):
        self.learn("\ufeff# coding: utf-8\nprint('\u00e9'.encode())")
        self.assertEqual(self.run_parked(), ("b'\\xc3\\xa9'\n", LEARNED))

    def test_script_that_changed_before_the_zygote_looked_is_not_learned(self):
        self.write("hook.py", "open(__file__, 'a').write('# more')\nprint('one')" + TAIL)
        self.assertEqual(self.run_parked(), ("one\n", COMPILED))
        self.assertEqual(self.learning.scripts_now(), 0)

    def test_script_of_more_bytes_than_the_bound_is_not_learned(self):
        for size, count in ((SCRIPT_MAX_BYTES + 1, 0), (SCRIPT_MAX_BYTES, 1)):
            text = "print('one')" + TAIL
            self.write("hook.py", text + "#" * (size - len(text)))
            self.assertEqual(self.run_parked(), ("one\n", COMPILED))
            self.assertEqual(self.learning.scripts_now(), count)

    def test_sibling_that_shadows_a_learned_module_is_imported(self):
        self.write("hook.py", "import quopri\nprint(quopri.__file__)" + TAIL)
        self.run_parked()
        self.learning.wait_for(1, modules=1)
        self.assertTrue(self.run_parked()[0].endswith("quopri.py\n"))
        self.write("quopri.py", "")
        self.assertEqual(self.run_parked(), (self.folder + "/quopri.py\n", LEARNED))

    def test_a_hundred_scripts_are_answered_and_no_more_learned_than_fit(self):
        for number in range(100):
            name = "%s/hook%d.py" % (self.folder, number)
            self.write(name, "print(%d)" % number + TAIL)
            self.assertEqual(self.run_parked(name), ("%d\n" % number, COMPILED))
        self.assertEqual(self.learning.scripts_now(), SCRIPTS_MAX)
        for number in range(100):
            self.assertEqual(self.run_parked("%s/hook%d.py" % (self.folder, number))[0], "%d\n" % number)


for python in PYTHONS[1:]:
    name = "LearnedScript_" + "".join(c if c.isalnum() else "_" for c in python)
    globals()[name] = type(name, (LearnedScript,), {"python": python})

if __name__ == "__main__":
    unittest.main()
