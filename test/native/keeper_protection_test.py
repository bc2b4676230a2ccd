"""The keeper above `contained`: what is protected in folders that its processes may write to."""
import os
import unittest

from confine_case import confined, needs_all_layers
from keeper_case import Case, k


@needs_all_layers
class Protection(Case):
    def setUp(self):
        self.project = confined.Folder()
        self.addCleanup(self.project.remove)

    def keeper(self, *names, **rest):
        options = confined.options("restricted", write=[str(self.project)], protect=[self.project.at(name) for name in names])
        return k.Keeper(*options, **rest)

    def sh(self, keeper, text):
        return keeper.sh(text, cwd=str(self.project))

    def test_a_missing_path_cannot_be_made_and_its_place_is_given_back_at_the_end(self):
        with self.keeper(".git/hooks", ".git/config", ".envrc", ".claude/settings.json") as keeper:
            self.answered(self.sh(keeper, "ls -A"), 0, b".claude\n.envrc\n.git\n")
            for text in ("mkdir .git/hooks", "echo x > .envrc", "rmdir .claude", "mv .git x", "echo x > .claude/settings.json"):
                call = self.sh(keeper, text)
                self.assertNotEqual(call.end.exit_code, 0, text)
        self.assertEqual(os.listdir(str(self.project)), [])

    def test_what_is_no_longer_empty_stays_at_the_end(self):
        with self.keeper(".git/hooks", ".envrc") as keeper:
            keeper.lease()
            self.project.make(".git/HEAD", "ref")
        self.assertEqual(os.listdir(str(self.project)), [".git"])

    def test_two_pools_hold_the_same_place(self):
        with self.keeper(".git/hooks") as first, self.keeper(".git/hooks") as second:
            for keeper in (first, second):
                self.assertNotEqual(self.sh(keeper, "mkdir .git/hooks").end.exit_code, 0)
            self.assertEqual(os.listdir(self.project.at(".git")), [])

    def test_a_place_that_another_pool_has_given_back_is_held_again(self):
        with self.keeper(".git/hooks", parked=1, slots=2) as stays:
            os.rmdir(self.project.at(".git")) if stays.lease() else None
            self.refused_then_protected(stays, "mkdir -p .git/hooks")

    def test_a_process_that_parked_before_a_protected_file_was_replaced_is_not_used(self):
        self.project.make("settings.json", "old")
        with self.keeper("settings.json", parked=1, slots=2) as keeper:
            keeper.lease()
            self.project.make("new", "new")
            os.rename(self.project.at("new"), self.project.at("settings.json"))
            self.refused_then_protected(keeper, "echo x > settings.json")
        with open(self.project.at("settings.json")) as file:
            self.assertEqual(file.read(), "new")

    def test_all_that_parked_before_a_protected_file_was_replaced_are_given_up_at_once(self):
        self.project.make("settings.json", "old")
        with self.keeper("settings.json", parked=4, slots=8) as keeper:
            keeper.wait(lambda: len(keeper.kinds(k.PARKED)) == 4, what="all parked")
            before = {(r.slot, r.generation) for r in keeper.kinds(k.PARKED)}
            self.project.make("new", "new")
            os.rename(self.project.at("new"), self.project.at("settings.json"))
            self.refused_then_protected(keeper, "echo x > settings.json")
            gone = {(r.slot, r.generation) for r in keeper.kinds(k.GONE)}
            self.assertLessEqual(before, gone)

    def refused_then_protected(self, keeper, attack):
        body = k.order(["/bin/sh", "-c", attack], ["PATH=/usr/bin:/bin"])
        old = {(r.slot, r.generation) for r in keeper.kinds(k.PARKED)}
        slot, generation = next((r.slot, r.generation) for r in keeper.kinds(k.PARKED))
        call = keeper.finish(keeper.start(body, lease=(slot, generation), cwd=str(self.project)))
        self.assertEqual(call.not_started, k.NOT_STARTED_GONE)
        keeper.wait(lambda: old <= {(r.slot, r.generation) for r in keeper.kinds(k.GONE)}, what="the old ones to go")
        call = keeper.finish(keeper.start(body, cwd=str(self.project)))
        self.assertIsNone(call.not_started)
        self.assertNotEqual(call.end.exit_code, 0)

    def test_a_file_whose_content_changes_is_the_same_file(self):
        self.project.make("settings.json", "old")
        with self.keeper("settings.json", parked=1, slots=1) as keeper:
            lease = keeper.lease()
            with open(self.project.at("settings.json"), "w") as file:
                file.write("changed")
            call = keeper.start(k.order(["/bin/cat", "settings.json"]), lease=lease, cwd=str(self.project))
            self.answered(keeper.finish(call), 0, b"changed")


if __name__ == "__main__":
    unittest.main()
