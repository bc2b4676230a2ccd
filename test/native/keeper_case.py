"""What the keeper's tests share: the driver, and what an ordinary answer looks like. KEEPER in the environment names
another binary than bin/supervisor-keeper."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures"))
import keeper_driver as k  # noqa: E402


class Case(unittest.TestCase):
    def answered(self, call, exit_code=0, stdout=None, stderr=b""):
        self.assertIsNone(call.not_started)
        self.assertEqual((call.end.outcome, call.end.exit_code, call.end.signal), (k.ANSWERED, exit_code, 0), call.stderr)
        if stdout is not None:
            self.assertEqual(call.stdout, stdout)
        if stderr is not None:
            self.assertEqual(call.stderr, stderr)
