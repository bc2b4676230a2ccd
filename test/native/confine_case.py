"""What the tests of supervisor-confine share."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures"))
import confined  # noqa: E402

LACKING = confined.lacking()
needs_all_layers = unittest.skipIf(LACKING, f"this host lacks {', '.join(LACKING)}")
needs_root = unittest.skipIf(os.getuid() != 0, "only root can become another user")


class Case(unittest.TestCase):
    USER = ()

    def setUp(self):
        self.new_project()

    def new_project(self):
        self.project = confined.Folder(self.USER)
        self.addCleanup(self.project.remove)

    def confine(self, level, command, **rest):
        return confined.run(level, command, user=self.USER, **rest)

    def sh(self, level, text, **rest):
        return self.confine(level, ["/bin/sh", "-c", text], **rest)

    def python(self, level, text, **rest):
        """The program answers by what it prints."""
        return self.confine(level, [confined.PYTHON, "-I", "-S", "-c", text], **rest)


def at_each_level(test):
    """Runs it once for each level, which it is given, in a project of its own."""
    def run(self):
        for level in confined.LEVELS:
            with self.subTest(level=level):
                self.new_project()
                test(self, level)
    run.__name__ = test.__name__
    return run
