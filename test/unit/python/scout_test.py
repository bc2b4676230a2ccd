"""What the zygote's scout finds, and that nothing is left of it."""
import os
import shutil
import statistics
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures"))
import zygote_driver as driver  # noqa: E402

PYTHON = os.environ.get("HS_TEST_PYTHONS", "/usr/bin/python3").split(":")[0]
HAS_POPULATE = tuple(int(part) for part in os.uname().release.split(".")[:2]) >= (5, 14)
HOOK = "import json, re, sys; event = json.load(sys.stdin); re.search('b', 'abc'); print(json.dumps(event))"
NO_SCOUT = 'def explore(frames, start):\n    return b"", None\n'


def minor_faults(pid):
    with open("/proc/%d/stat" % pid) as stat:
        return int(stat.read().rpartition(")")[2].split()[7])


def faults_of_a_hook(zygote):
    """Minor faults between the order and the last answer's end."""
    parked = zygote.park()
    before, waitpid, usage = minor_faults(parked.pid), os.waitpid, []
    os.waitpid = lambda pid, options: usage.append(os.wait4(pid, options)) or usage[-1][:2]
    try:
        answer = parked.run(driver.order_bytes(driver.COMMAND, [PYTHON, "-c", HOOK], 2, [b"PATH=/usr/bin:/bin"]), b'{"a": 1}')
    finally:
        os.waitpid = waitpid
    assert answer.stdout == b'{"a": 1}\n', answer
    return usage[-1][2].ru_minflt - before


class ScoutTest(unittest.TestCase):
    def start(self, workers=driver.WORKERS):
        zygote = driver.Zygote(PYTHON, workers=workers)
        self.addCleanup(zygote.stop)
        return zygote

    def test_is_gone_once_the_zygote_is_warm(self):
        pid = self.start().process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid)) as listing:
            self.assertEqual(listing.read(), "")

    @unittest.skipUnless(HAS_POPULATE, "before Linux 5.14 pages are not populated on request")
    def test_a_hook_finds_more_of_its_pages_than_without_a_scout(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        workers = shutil.copytree(driver.WORKERS, folder.name + "/python")
        with open(workers + "/scout.py", "w") as text:
            text.write(NO_SCOUT)
        zygotes = self.start(), self.start(workers)
        counts = [[faults_of_a_hook(zygote) for zygote in zygotes] for _ in range(7)]
        scouted, without = (statistics.median(column) for column in zip(*counts))
        self.assertLess(scouted, without)


if __name__ == "__main__":
    unittest.main()
