"""A hook meets the library as it is, also where a parked process asks only whether anything has changed."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures"))
import zygote_driver as driver  # noqa: E402

PYTHON = os.environ.get("HS_TEST_PYTHONS", "/usr/bin/python3").split(":")[0]
HOOK = "import json; print(getattr(json, 'mine', 'as it was'))"
AS_IT_WAS, CHANGED = b"as it was\n", b"changed\n"


def library():
    text = subprocess.run([PYTHON, "-c", "import os; print(os.__file__)"], stdout=subprocess.PIPE, check=True).stdout
    return os.path.dirname(os.fsdecode(text.strip()))


class Watch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        home = os.path.realpath(cls.folder.name)
        cls.library = shutil.copytree(
            library(), home + "/lib/" + os.path.basename(library()), symlinks=True,
            ignore=shutil.ignore_patterns("test", "tests", "config-*", "site-packages", "dist-packages", "lib2to3", "idlelib"),
        )
        cls.env = {"PATH": "/usr/bin:/bin", "PYTHONHOME": home}
        cls.original = cls.read(cls.library + "/json/__init__.py")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def read(path):
        with open(path, "rb") as file:
            return file.read()

    def setUp(self):
        self.module = self.library + "/json/__init__.py"
        self.replace(self.original)
        self.zygote = driver.Zygote(PYTHON, env=self.env)
        self.assertIsNone(self.zygote.refused)
        self.addCleanup(self.zygote.stop)

    def replace(self, content):
        with open(self.module + ".new", "wb") as file:
            file.write(content)
        os.replace(self.module + ".new", self.module)

    def append(self):
        with open(self.module, "ab") as file:
            file.write(b"\nmine = 'changed'\n")

    def run_in(self, parked):
        answer = parked.run(driver.order_bytes(driver.COMMAND, [PYTHON, "-c", HOOK], 2, driver.environment(self.env)))
        self.assertEqual(answer.status, 0, answer)
        return answer

    def says(self, parked):
        return self.run_in(parked).stdout

    def wait_until_the_zygote_has_looked(self):
        """Of the events nothing is on its list any more."""
        inotify = next(
            fd for fd in os.listdir("/proc/%d/fd" % self.zygote.process.pid)
            if os.readlink("/proc/%d/fd/%s" % (self.zygote.process.pid, fd)) == "anon_inode:inotify"
        )
        self.assertTrue(re.search("inotify wd:", self.read("/proc/%d/fdinfo/%s" % (self.zygote.process.pid, inotify)).decode()))
        time.sleep(0.3)

    def test_nothing_has_changed(self):
        self.assertEqual(self.says(self.zygote.park()), AS_IT_WAS)

    def test_a_module_edited_in_place_after_parking(self):
        parked = self.zygote.park()
        self.append()
        self.assertEqual(self.says(parked), CHANGED)

    def test_a_module_replaced_after_parking(self):
        parked = self.zygote.park()
        self.replace(self.original + b"\nmine = 'changed'\n")
        self.assertEqual(self.says(parked), CHANGED)

    @unittest.skipUnless(os.geteuid() == 0, "only root may look into a zygote")
    def test_a_change_that_the_zygote_has_taken_off_the_list(self):
        parked = self.zygote.park()
        self.append()
        self.wait_until_the_zygote_has_looked()
        self.assertEqual(self.says(parked), CHANGED)
        self.assertEqual(self.says(self.zygote.park()), CHANGED)

    def test_a_folder_of_the_library_that_was_moved_away(self):
        parked = self.zygote.park()
        os.rename(self.library + "/json", self.library + "/json.away")
        os.mkdir(self.library + "/json")
        try:
            with open(self.module, "wb") as file:
                file.write(b"mine = 'changed'\n")
            self.assertTrue(self.run_in(parked).declined)  # a folder of sys.path has changed: a direct run says what is so
        finally:
            shutil.rmtree(self.library + "/json")
            os.rename(self.library + "/json.away", self.library + "/json")

    def test_touching_a_file_without_changing_it_back_and_forth(self):
        parked = self.zygote.park()
        mode = os.stat(self.module).st_mode
        os.chmod(self.module, mode)
        self.assertEqual(self.says(parked), AS_IT_WAS)
        self.assertEqual(self.says(self.zygote.park()), AS_IT_WAS)


if __name__ == "__main__":
    unittest.main()
