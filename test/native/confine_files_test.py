"""supervisor-confine: what a program sees of the files, and what it can do to them."""
import os
import unittest

from confine_case import Case, at_each_level, confined, needs_all_layers, needs_root


@needs_all_layers
class Files(Case):
    def refuses(self, level, text, words, **rest):
        result = self.sh(level, text, **rest)
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertRegex(result.stderr, words)

    @at_each_level
    def test_a_written_folder_can_be_written_and_a_read_one_not(self, level):
        readable = confined.Folder(self.USER)
        self.addCleanup(readable.remove)
        readable.make("text", "old")
        lists = {"write": [str(self.project)], "read": [str(readable)]}
        done = self.sh(level, f"cat {readable}/text; echo new > {self.project}/new && mkdir {self.project}/a", **lists)
        self.assertEqual((done.stdout, done.returncode, done.stderr), ("old", 0, ""))
        self.assertTrue(os.path.isfile(self.project.at("new")) and os.path.isdir(self.project.at("a")))
        for command in ("echo x > {}/text", "echo x > {}/new", "mkdir {}/b", "rm {}/text", "mv {}/text {}/t"):
            self.refuses(level, command.format(readable, readable), "Read-only file system|Permission denied|cannot create",
                         **lists)
        self.assertEqual(os.listdir(str(readable)), ["text"])

    def test_a_read_folder_in_a_root_of_its_own_is_mounted_read_only(self):
        self.project.make("text", "old")
        layers = [layer for layer in confined.LAYERS if layer != "landlock"]
        self.refuses("untrusted", f"echo x > {self.project}/text", "Read-only file system", read=[str(self.project)], layers=layers)

    def test_modes_and_times_of_what_may_not_be_written_stay(self):
        file = self.project.make("text", "old")
        before = os.stat(file)
        written = self.project.make("written")
        for command in (f"chmod 4777 {file}", f"touch -d 2001-01-01 {file}", f"chmod 777 {self.project}"):
            self.refuses("restricted", command, "Read-only file system", read=[str(self.project)], write=[written])
        after = os.stat(file)
        self.assertEqual((after.st_mode, after.st_mtime_ns), (before.st_mode, before.st_mtime_ns))
        result = self.sh("restricted", f"chmod 700 {written} && echo x > {written}/new && chmod 600 {written}/new", write=[written])
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_the_hosts_tree_is_read_only_without_landlock_but_for_what_is_written(self):
        layers = [layer for layer in confined.LAYERS if layer != "landlock"]
        for parent in ("/var/tmp", "/tmp"):
            with self.subTest(parent=parent):
                outside, written = (confined.Folder(self.USER, parent) for _ in range(2))
                self.addCleanup(outside.remove)
                self.addCleanup(written.remove)
                lists = {"write": [str(written), "/no/such/folder"], "read": [str(outside)], "layers": layers}
                self.refuses("restricted", f"echo x > {outside}/new", "Read-only file system", **lists)
                done = self.sh("restricted", f"echo x > {written}/new && echo x > /tmp/new && echo x > /dev/null", **lists)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertTrue(os.path.isfile(written.at("new")))

    @at_each_level
    def test_what_was_not_given_cannot_be_read(self, level):
        secret = self.project.make("home/.ssh/id", "secret")
        allowed = self.project.make("home/project/file", "open")
        result = self.sh(level, f"cat {allowed}; cat {secret}", read=[self.project.at("home/project")])
        self.assertEqual(result.stdout, "open")
        self.assertRegex(result.stderr, {"restricted": "Permission denied", "untrusted": "No such file"}[level])
        self.refuses(level, f"ls {self.project.at('home')}", "Permission denied|No such file")

    @at_each_level
    def test_mode_and_times_of_what_is_not_written_stay_as_they_are(self, level):
        key = self.project.make("home/.ssh/id", "secret")
        written = self.project.make("home/project")
        before = os.stat(key)
        for command in ("chmod 666", "touch -d 2001-01-01", f"chown {os.getuid()}"):
            self.refuses(level, f"{command} {key}", "Read-only file system|No such file", write=[written])
        after = os.stat(key)
        self.assertEqual((after.st_mode, after.st_mtime_ns, after.st_ctime_ns),
                         (before.st_mode, before.st_mtime_ns, before.st_ctime_ns))

    @at_each_level
    def test_a_single_file_and_what_a_link_leads_to_can_be_written(self, level):
        file = self.project.make("file", "old")
        self.project.make("real/file", "old")
        os.symlink("real", self.project.at("link"))
        lists = {"write": [file, self.project.at("link")]}
        done = self.sh(level, f"echo new > {file} && echo new > {self.project.at('link')}/file && chmod 600 {file}", **lists)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for name in ("file", "real/file"):
            with open(self.project.at(name)) as text:
                self.assertEqual(text.read(), "new\n")

    @at_each_level
    def test_a_link_out_of_a_given_folder_leads_nowhere(self, level):
        self.project.make("secret", "secret")
        folder = self.project.make("given")
        os.symlink("../secret", os.path.join(folder, "link"))
        self.refuses(level, f"cat {folder}/link; ", "Permission denied|No such file", write=[folder])
        self.refuses(level, f"ln {self.project.at('secret')} {folder}/hard", "link|No such file", write=[folder])

    @at_each_level
    def test_links_on_the_way_to_a_given_folder_are_kept(self, level):
        self.project.make("real/deep/file", "here")
        os.symlink("real", self.project.at("relative"))
        os.symlink(self.project.at("relative"), self.project.at("absolute"))
        path = self.project.at("absolute/deep")
        result = self.sh(level, f"cat {path}/file; cd {path} && pwd -P", read=[path])
        self.assertEqual(result.stdout, f"here{self.project.at('real/deep')}\n")

    @at_each_level
    def test_private_folders_are_empty_bounded_and_gone_afterwards(self, level):
        more = ["--tmp-max-bytes", "1048576", "--tmp-max-files", "8"]
        for folder in ("/tmp", "/dev/shm"):
            marker = os.path.join(folder, f"hook-supervisor-{os.getpid()}")
            result = self.sh(level, f"ls -A {folder}; head -c 900000 /dev/zero > {marker} && echo fits", more=more)
            self.assertEqual((result.stdout, result.stderr), ("fits\n", ""))
            self.refuses(level, f"head -c 2000000 /dev/zero > {marker}", "No space left", more=more)
            self.refuses(level, f"cd {folder}; for i in 1 2 3 4 5 6 7 8 9; do : > $i || exit 1; done", "No space left|cannot create",
                         more=more)
            self.assertFalse(os.path.exists(marker))

    @at_each_level
    def test_a_project_in_tmp_is_seen_in_the_private_one(self, level):
        project = confined.Folder(self.USER, parent="/tmp")
        self.addCleanup(project.remove)
        project.make("inner/file", "text")
        other = confined.Folder(self.USER, parent="/tmp")
        self.addCleanup(other.remove)
        result = self.sh(level, "pwd; cat file; echo x > new; ls -A /tmp", cwd=project.at("inner"), write=[str(project)])
        self.assertEqual(result.stdout, f"{project.at('inner')}\ntext{os.path.basename(str(project))}\n")
        self.assertTrue(os.path.exists(project.at("inner/new")))

    @at_each_level
    def test_a_folder_that_is_covered_is_not_kept_as_the_current_one(self, level):
        outside = confined.Folder(self.USER, parent="/tmp")
        self.addCleanup(outside.remove)
        result = self.python(level, "import os; print(os.getcwd(), os.path.exists('../tmp'))", cwd=str(outside))
        self.assertEqual(result.stdout, "/ True\n")

    @at_each_level
    def test_the_cgroup_tree_is_hidden(self, level):
        text = "import os\nprint(os.listdir('/sys/fs/cgroup') if os.path.exists('/sys/fs/cgroup') else [])"
        read = ["/sys"] if level == "restricted" else []
        self.assertEqual(self.python(level, text, read=read).stdout, "[]\n")

    @at_each_level
    def test_devices_that_hold_nothing_can_be_used_and_no_others(self, level):
        text = "head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; echo x > /dev/null; echo ok"
        self.assertEqual(self.sh(level, text).stdout, "3\n3\nok\n")
        self.refuses(level, "head -c 1 /dev/mem", "Permission denied|No such file|cannot open")
        self.refuses(level, f"mknod {self.project}/disk b 8 0", "not permitted|denied", write=[str(self.project)])

    def test_a_root_of_its_own_holds_nothing_else_and_cannot_be_written(self):
        result = self.python("untrusted", "import os\nfor name in ('home', 'root', 'etc/passwd', 'sys', 'var', 'boot'):\n"
                             "  assert not os.path.exists('/' + name), name\nos.mkdir('/new')")
        self.assertRegex(result.stderr, "Read-only file system|Permission denied")

    @at_each_level
    def test_no_descriptor_but_the_streams_is_left(self, level):
        folder = os.open("/", os.O_RDONLY)
        self.addCleanup(os.close, folder)
        os.set_inheritable(folder, True)
        text = "import os\nprint(sorted(os.listdir('/proc/self/fd')))"
        self.assertEqual(self.python(level, text, pass_fds=(folder,)).stdout, "['0', '1', '2', '3']\n")  # 3: of the listing


@needs_root
class FilesOfNobody(Files):
    USER = confined.AS_NOBODY


@needs_all_layers
class Protected(Case):
    def attack(self, level, text, protect):
        """Each line is tried; none may do anything."""
        write = [str(self.project)]
        result = self.sh(level, "\n".join(f"({line}) && echo done: '{line}'" for line in text.splitlines()) + "\ntrue",
                         cwd=str(self.project), write=write, protect=[self.project.at(name) for name in protect])
        self.assertEqual((result.stdout, result.returncode), ("", 0), result.stderr)

    @at_each_level
    def test_a_protected_file_cannot_be_written_removed_or_renamed(self, level):
        self.project.make(".claude/settings.json", "{}")
        self.attack(level, "echo x > .claude/settings.json\nrm -f .claude/settings.json\nmv .claude/settings.json x\n"
                    "echo x > x && mv x .claude/settings.json\nln -f x .claude/settings.json\nrm -rf .claude\nmv .claude other\n"
                    "chmod 777 .claude/settings.json\ntruncate -s 0 .claude/settings.json", [".claude/settings.json"])
        with open(self.project.at(".claude/settings.json")) as file:
            self.assertEqual(file.read(), "{}")

    @at_each_level
    def test_a_protected_folder_takes_nothing_new_and_its_parents_stay_where_they_are(self, level):
        self.project.make("a/.git/hooks/pre-commit", "true")
        self.attack(level, "echo x > a/.git/hooks/post-commit\nrm a/.git/hooks/pre-commit\nmv a/.git a/git\nmv a b\n"
                    "rmdir a/.git/hooks\nmv a/.git/hooks a/.git/h", ["a/.git/hooks"])
        self.assertEqual(os.listdir(self.project.at("a/.git/hooks")), ["pre-commit"])
        self.assertEqual(self.sh(level, "echo x > a/.git/index", cwd=str(self.project), write=[str(self.project)],
                                 protect=[self.project.at("a/.git/hooks")]).returncode, 0)

    @at_each_level
    def test_a_protected_link_keeps_its_place_and_its_target(self, level):
        self.project.make("AGENTS.md", "text")
        os.symlink("AGENTS.md", self.project.at("CLAUDE.md"))
        self.attack(level, "echo x > CLAUDE.md\necho x > AGENTS.md\nrm CLAUDE.md\nmv CLAUDE.md x\nln -sf /etc CLAUDE.md\n"
                    "rm AGENTS.md", ["CLAUDE.md"])
        self.assertEqual(os.readlink(self.project.at("CLAUDE.md")), "AGENTS.md")

    @at_each_level
    def test_a_link_on_the_way_is_refused_since_it_could_be_replaced(self, level):
        self.project.make("real/hooks")
        os.symlink("real", self.project.at(".git"))
        result = self.sh(level, "true", write=[str(self.project)], protect=[self.project.at(".git/hooks")])
        self.assertEqual((result.returncode, result.stderr),
                         (126, f"supervisor-confine: stage 42, errno 40: {self.project.at('.git/hooks')}\n"))

    @at_each_level
    def test_paths_that_share_folders_are_all_protected(self, level):
        for name in (".git/hooks/x", ".git/config", ".git/index"):
            self.project.make(name, "old")
        self.attack(level, "echo x > .git/config\necho x > .git/hooks/x\nmv .git git", [".git/config", ".git/hooks"])
        self.attack(level, "echo x > .git/config\necho x > .git/index\nmv .git git", [".git/config", ".git"])


@needs_root
class ProtectedOfNobody(Protected):
    USER = confined.AS_NOBODY


if __name__ == "__main__":
    unittest.main()
