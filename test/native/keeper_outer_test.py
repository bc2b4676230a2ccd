"""The network namespace of a slot: one sandbox uses it after the other, and none has rights over it."""
import fcntl
import os
import unittest

from confine_case import confined, needs_all_layers, needs_root
from keeper_case import k
from keeper_confined_test import Confined, chain_of

NS_GET_USERNS = 0xB701


def inode(fd):
    return os.fstat(fd).st_ino


@needs_root  # only root can look into our processes
@needs_all_layers
class Outer(Confined):
    def namespace(self, pid, kind):
        """A descriptor, so that the kernel does not give its number to another meanwhile."""
        fd = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
        self.addCleanup(os.close, fd)
        return fd

    def parked(self, keeper, count):
        """The hooks-to-be of the last `count` that have been parked, by slot."""
        keeper.wait(lambda: len(keeper.parked) == count, what="all parked")
        return {slot: chain_of(keeper.parked_pid(slot, generation))[2] for slot, generation in keeper.parked}

    def before_and_after(self, keeper, text, **rest):
        """Of the hook in the only slot and of the next one: network and user namespace."""
        first = self.parked(keeper, 1)[0]
        before = [self.namespace(first, kind) for kind in ("net", "user")]
        self.sh(keeper, text, **rest)
        second = self.parked(keeper, 1)[0]
        self.assertNotEqual(first, second)
        return before, [self.namespace(second, kind) for kind in ("net", "user")]

    def test_it_is_used_again_after_a_hook_that_has_ended_and_the_user_namespace_is_not(self):
        for level in confined.LEVELS:
            with self.subTest(level=level), self.keeper(level, parked=1, slots=1) as keeper:
                for text in ("exit 0", "(setsid sleep 50 >/dev/null 2>&1 &) ; exit 3"):
                    before, after = self.before_and_after(keeper, text)
                    self.assertEqual(inode(before[0]), inode(after[0]))
                    self.assertNotEqual(inode(before[1]), inode(after[1]))

    def test_it_is_not_used_again_after_a_hook_that_was_killed(self):
        for text, rest in (("kill -KILL $$", {}), ("sleep 50", {"timeout_ms": 200})):
            with self.subTest(text=text), self.keeper(parked=1, slots=1) as keeper:
                before, after = self.before_and_after(keeper, text, **rest)
                self.assertNotEqual(inode(before[0]), inode(after[0]))

    def test_two_processes_never_share_one_and_none_is_in_ours(self):
        with self.keeper(parked=3, slots=3) as keeper:
            for _ in range(3):
                nets = [inode(self.namespace(pid, "net")) for pid in self.parked(keeper, 3).values()]
                self.assertEqual(len({*nets, os.stat("/proc/self/ns/net").st_ino}), 4)
                self.answered(self.sh(keeper, "exit 0"))

    def test_it_belongs_to_a_user_namespace_that_is_neither_the_hooks_nor_ours(self):
        with self.keeper(parked=1, slots=1) as keeper:
            for _ in range(2):
                pid = self.parked(keeper, 1)[0]
                owner = fcntl.ioctl(self.namespace(pid, "net"), NS_GET_USERNS)
                self.addCleanup(os.close, owner)
                users = (inode(owner), inode(self.namespace(pid, "user")), os.stat("/proc/self/ns/user").st_ino)
                self.assertEqual(len({*users}), 3)
                self.answered(self.sh(keeper, "exit 0"))

    def test_the_keeper_holds_no_more_than_one_for_each_slot(self):
        held = lambda: sum(os.readlink(f"/proc/{keeper.process.pid}/fd/{fd}").startswith(("net:", "user:"))  # noqa: E731
                           for fd in os.listdir(f"/proc/{keeper.process.pid}/fd"))
        with self.keeper(parked=2, slots=2) as keeper:
            for text in ("exit 0", "kill -KILL $$", "exit 1"):
                self.parked(keeper, 2)
                self.assertEqual(held(), 4)
                self.sh(keeper, text)


if __name__ == "__main__":
    unittest.main()
