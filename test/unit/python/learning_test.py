"""What a zygote takes in, and when it starts anew: its Learner, without a keeper, in this process."""
import os
import shutil
import sys
import tempfile
import types
import unittest

# The number of a zygote's own socket must not fall to one that it makes.
while os.open(os.devnull, os.O_RDONLY) <= 3:
    pass
WORKERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "workers", "python")


def load_anew():
    """load() of a zygote, with parts of their own."""
    parts = {}

    def load(name):
        if name not in parts:
            parts[name] = types.ModuleType(name)
            parts[name].load, parts[name].__file__ = load, WORKERS + "/" + name + ".py"
            with open(parts[name].__file__) as source:
                exec(compile(source.read(), parts[name].__file__, "exec"), parts[name].__dict__)
        return parts[name]

    for name in load("modules").WARM:
        try:
            __import__(name)
        except ImportError:
            pass
    load("modules").state["baseline"] = dict(sys.modules)
    return load


class Frames:
    def read_script(self, path):
        try:
            with open(path, "rb") as script:
                return script.read(), ""
        except OSError:
            return None

    def fill_holes(self, pool_bytes):
        pass


class Learner(unittest.TestCase):
    def setUp(self):
        self.load = load_anew()
        self.learning, self.table = self.load("learning"), self.load("learned").table
        self.learning.gc = types.SimpleNamespace(collect=lambda: None, freeze=lambda: None)
        self.now = 1000.0
        self.learning.time = types.SimpleNamespace(monotonic=lambda: self.now)
        self.learner = self.learning.Learner(Frames(), types.SimpleNamespace(watch_fd=-1), 4096, [])
        self.lives = []  # reports that each next life is begun with
        self.learner.live_again = lambda reports: self.lives.append(list(reports))
        self.learner.tell_keeper = lambda: None
        self.folder = tempfile.mkdtemp()

    def tearDown(self):
        os.close(self.learner.reader)
        os.close(self.learner.writer)
        shutil.rmtree(self.folder)

    def report(self, name, text):
        path = self.folder + "/" + name
        with open(path, "w") as script:
            script.write(text)
        number = self.load("learned").crc32(text.encode())
        return self.load("wire").SCRIPT_NUMBER.pack(number) + path.encode()

    def tell(self, name, text):
        self.learner.be_told(self.report(name, text))

    def learn_all(self):
        while self.learner.waiting or not self.learner.is_settled:
            self.learner.take_a_step()

    def test_scripts_are_learned_up_to_their_number(self):
        for number in range(self.learning.SCRIPTS_MAX + 9):
            self.tell("%d.py" % number, "print(%d)" % number)
        self.assertLessEqual(len(self.learner.waiting), self.learning.SCRIPTS_MAX)
        self.learn_all()
        self.tell("more.py", "print('more')")
        self.learn_all()
        self.assertEqual(len(self.table), self.learning.SCRIPTS_MAX)
        self.assertEqual(self.lives, [])

    def test_scripts_are_learned_up_to_their_bytes(self):
        text = "#" * (100 * 1024)
        for number in range(2 * self.learning.SOURCES_MAX_BYTES // len(text)):
            self.tell("%d.py" % number, text + str(number))
            self.learn_all()
        self.assertEqual(len(self.table), self.learning.SOURCES_MAX_BYTES // len(text) + 1)

    def test_edits_count_too_since_their_memory_is_not_given_back(self):
        for number in range(self.learning.SCRIPTS_MAX + 5):
            self.tell("hook.py", "print(%d)" % number)
            self.learn_all()
        self.assertEqual(len(self.table), 1)
        self.assertTrue(self.learner.is_full())

    def test_full_and_old_it_begins_anew_with_nothing_once_there_is_more_to_learn(self):
        for number in range(self.learning.SCRIPTS_MAX):
            self.tell("%d.py" % number, "print(%d)" % number)
        self.learn_all()
        self.now += self.learning.FULL_LIFE_S - 1
        self.tell("more.py", "")
        self.learn_all()
        self.assertEqual(self.lives, [])
        self.now += 1
        self.tell("more.py", "")
        self.learner.take_a_step()
        self.assertEqual(self.lives, [[]])

    def test_for_new_modules_it_begins_anew_with_what_it_knows(self):
        report = self.report("hook.py", "import zipfile_of_nobody, ftplib")
        self.learner.be_told(report)
        self.learner.take_a_step()
        self.learner.take_a_step()
        self.assertEqual((self.lives, self.learner.wanted), ([[report]], {"ftplib"}))

    def test_for_a_module_that_it_has_tried_to_import_it_does_not_begin_anew(self):
        self.learner.imported = ["ftplib"]
        self.tell("hook.py", "import ftplib")
        self.learn_all()
        self.assertEqual((self.lives, len(self.table)), ([], 1))

    def test_script_is_learned_once(self):
        for _ in range(3):
            self.tell("hook.py", "print(1)")
        self.learn_all()
        self.tell("hook.py", "print(1)")
        self.assertEqual((len(self.table), self.learner.studied_count, self.learner.waiting), (1, 1, {}))

    def test_script_that_is_not_what_was_told_is_left_alone(self):
        report = self.report("hook.py", "print(1)")
        for text in ("print(2)", "def f(:"):
            self.report("hook.py", text)
            self.learner.be_told(report)
            self.learn_all()
        self.learner.be_told(self.load("wire").SCRIPT_NUMBER.pack(0) + b"/nowhere/hook.py")
        self.learner.be_told(b"")
        self.learn_all()
        self.assertEqual((self.table, self.learner.studied_count), ({}, 0))

    def test_script_that_does_not_compile_is_left_alone(self):
        self.tell("hook.py", "def f(:\n")
        self.learn_all()
        self.assertEqual(self.table, {})

    def test_code_is_given_for_the_same_bytes_under_the_same_path_and_once(self):
        self.tell("hook.py", "print(1)")
        self.learn_all()
        take, path = self.load("learned").take, self.folder + "/hook.py"
        self.assertIsNone(take(path, b"print(2)"))
        self.assertIsNone(take("/x" + path, b"print(1)"))
        self.assertEqual(take(path, b"print(1)").co_filename, path)
        self.assertIsNone(take(path, b"print(1)"))

    def test_imports_are_those_of_the_script_itself(self):
        code = compile("import a.b, c as d\nfrom e import f\nif c:\n try: import g\n except E: pass\ndef h(): import i\n", "x", "exec")
        self.assertEqual(self.load("learnable").imports_of(code), {"a.b", "c", "e", "e.f", "g"})

    def test_it_learns_before_a_request_when_it_was_told_long_ago_and_not_sooner(self):
        self.learner.poller = types.SimpleNamespace(poll=lambda timeout_ms: [(self.load("wire").ZYGOTE_FD, 1)])
        self.tell("hook.py", "print(1)")
        self.learner.wait_for_request()
        self.assertEqual(self.table, {})
        self.now += self.learning.LATEST_S + 0.1
        self.learner.wait_for_request()
        self.assertEqual(len(self.table), 1)
        self.learner.wait_for_request()
        self.assertTrue(self.learner.is_settled)


if __name__ == "__main__":
    unittest.main()
