/* What a hook can reach when only some folders are given to it. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "sandbox_fixture.h"

static void make_world(void)
{
  make_folder();
  CHECK_EQUAL(mkdir(in_folder("project"), 0777) | chmod(in_folder("project"), 0777), 0);
  CHECK_EQUAL(mkdir(in_folder("project/sub"), 0777) | chmod(in_folder("project/sub"), 0777), 0);
  CHECK_EQUAL(mkdir(in_folder("home"), 0777) | chmod(in_folder("home"), 0777), 0);
  make_file(in_folder("project/notes"), "notes");
  make_file(in_folder("home/secret"), "secret");
}

/* As a hook would have it: the system to read and run, the project to write, nothing of the home. */
static int enter_project(int is_tcp_denied)
{
  const struct sandbox_rule rules[] = {
    { "/usr", -1, SANDBOX_READ | SANDBOX_EXECUTE }, { "/lib", -1, SANDBOX_READ | SANDBOX_EXECUTE },
    { "/lib64", -1, SANDBOX_READ | SANDBOX_EXECUTE }, { "/bin", -1, SANDBOX_READ | SANDBOX_EXECUTE },
    { "/proc", -1, SANDBOX_READ }, { "/dev/null", -1, SANDBOX_READ | SANDBOX_WRITE },
    { in_folder("project"), -1, SANDBOX_READ | SANDBOX_WRITE }, { in_folder("absent"), -1, SANDBOX_READ },
  };
  return restrict_files(rules, sizeof rules / sizeof rules[0], is_tcp_denied);
}

static int files_outside(void *unused)
{
  (void)unused;
  EXPECT(enter_project(0) == 0);
  EXPECT_ERRNO(open(in_folder("home/secret"), O_RDONLY), EACCES);
  EXPECT_ERRNO(open(in_folder("home/secret"), O_WRONLY), EACCES);
  EXPECT_ERRNO(open(in_folder("home"), O_RDONLY | O_DIRECTORY), EACCES);
  EXPECT_ERRNO(open(in_folder("home/new"), O_WRONLY | O_CREAT, 0600), EACCES);
  EXPECT_ERRNO(mkdir(in_folder("home/new"), 0700), EACCES);
  EXPECT_ERRNO(symlink("x", in_folder("home/new")), EACCES);
  EXPECT_ERRNO(mkfifo(in_folder("home/new"), 0600), EACCES);
  EXPECT_ERRNO(unlink(in_folder("home/secret")), EACCES);
  EXPECT_ERRNO(rmdir(in_folder("home")), EACCES);
  EXPECT_ERRNO(open("/proc/self/root/etc/passwd", O_RDONLY), EACCES);
  EXPECT_ERRNO(open("/etc/passwd", O_RDONLY), EACCES);
  /* By a name inside that leads outside. */
  EXPECT(symlink(in_folder("home/secret"), in_folder("project/link")) == 0);
  EXPECT_ERRNO(open(in_folder("project/link"), O_RDONLY), EACCES);
  EXPECT(unlink(in_folder("project/link")) == 0);
  return 0;
}

TEST(files_outside_can_be_neither_read_nor_written_nor_made_nor_removed)
{
  landlock_abi_or_skip(1);
  make_world();
  CHECK_IN_CHILD(files_outside, NULL);
  remove_folder();
}

static int files_inside(void *unused)
{
  (void)unused;
  char text[8] = "";
  EXPECT(enter_project(0) == 0);
  int fd = open(in_folder("project/new"), O_RDWR | O_CREAT | O_TRUNC, 0666);
  EXPECT(fd >= 0 && write(fd, "new", 3) == 3 && pread(fd, text, 3, 0) == 3 && strcmp(text, "new") == 0);
  EXPECT(ftruncate(fd, 1) == 0 && truncate(in_folder("project/new"), 0) == 0);
  EXPECT(rename(in_folder("project/new"), in_folder("project/sub/new")) == 0 || sandbox_landlock_abi() < 2);
  EXPECT(link(in_folder("project/sub/new"), in_folder("project/two")) == 0);
  EXPECT(unlink(in_folder("project/two")) == 0 && unlink(in_folder("project/sub/new")) == 0);
  EXPECT(mkdir(in_folder("project/sub/x"), 0700) == 0 && rmdir(in_folder("project/sub/x")) == 0);
  EXPECT(open(in_folder("project/notes"), O_RDONLY) >= 0);
  EXPECT(open("/dev/null", O_WRONLY) >= 0);
  return 0;
}

TEST(files_inside_are_a_hooks_own)
{
  landlock_abi_or_skip(2);
  make_world();
  CHECK_IN_CHILD(files_inside, NULL);
  remove_folder();
}

static int across(void *unused)
{
  (void)unused;
  EXPECT(enter_project(0) == 0);
  /* EXDEV is what `mv` and git expect: they then copy, which is refused in turn. */
  EXPECT_ERRNO(rename(in_folder("project/notes"), in_folder("home/notes")), EACCES);
  EXPECT_ERRNO(rename(in_folder("home/secret"), in_folder("project/secret")), EACCES);
  EXPECT_ERRNO(link(in_folder("home/secret"), in_folder("project/secret")), EXDEV);
  return 0;
}

TEST(nothing_is_renamed_or_linked_across)
{
  landlock_abi_or_skip(2);
  make_world();
  CHECK_IN_CHILD(across, NULL);
  remove_folder();
}

static int truncate_outside(void *unused)
{
  (void)unused;
  EXPECT(enter_project(0) == 0);
  EXPECT_ERRNO(truncate(in_folder("home/secret"), 0), EACCES);
  EXPECT_ERRNO(open(in_folder("home/secret"), O_RDONLY | O_TRUNC), EACCES);
  return 0;
}

TEST(a_file_outside_cannot_be_emptied)
{
  landlock_abi_or_skip(3);
  make_world();
  CHECK_IN_CHILD(truncate_outside, NULL);
  struct stat status;
  CHECK_EQUAL(stat(in_folder("home/secret"), &status), 0);
  CHECK_EQUAL(status.st_size, 6);
  remove_folder();
}

static int devices_and_programs(void *unused)
{
  (void)unused;
  int size;
  EXPECT(enter_project(0) == 0);
  int fd = open("/dev/null", O_RDWR);
  EXPECT(fd >= 0);
  EXPECT_ERRNO(ioctl(fd, TIOCGWINSZ, &size), EACCES); /* ENOTTY without Landlock */
  EXPECT_ERRNO(mknod(in_folder("project/device"), S_IFCHR | 0600, makedev(1, 3)), EACCES);
  char *argv[] = { "run", NULL };
  EXPECT_ERRNO(execv(in_folder("project/run"), argv), EACCES);
  return 0;
}

TEST(devices_take_no_ioctl_and_what_is_not_executable_by_rule_does_not_run)
{
  landlock_abi_or_skip(5);
  make_world();
  make_file(in_folder("project/run"), "#!/bin/sh\n");
  CHECK_EQUAL(chmod(in_folder("project/run"), 0755), 0);
  CHECK_IN_CHILD(devices_and_programs, NULL);
  remove_folder();
}

static int tcp_is_denied(void *unused)
{
  (void)unused;
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  EXPECT(enter_project(1) == 0);
  int sock = socket(AF_INET, SOCK_STREAM, 0);
  EXPECT(sock >= 0);
  EXPECT_ERRNO(connect(sock, (struct sockaddr *)&address, sizeof address), EACCES);
  EXPECT_ERRNO(bind(sock, (struct sockaddr *)&address, sizeof address), EACCES);
  return 0;
}

TEST(tcp_can_be_denied)
{
  landlock_abi_or_skip(4);
  make_world();
  CHECK_IN_CHILD(tcp_is_denied, NULL);
  remove_folder();
}

static const struct sockaddr_un abstract_name = { .sun_family = AF_UNIX, .sun_path = "\0hs-sandbox-test" };

static int scopes(void *unused)
{
  (void)unused;
  int status;
  EXPECT(enter_project(0) == 0);
  int sock = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_ERRNO(connect(sock, (const struct sockaddr *)&abstract_name, sizeof abstract_name), EPERM);
  EXPECT_ERRNO(kill(getppid(), 0), EPERM);
  EXPECT_ERRNO(kill(getppid(), SIGKILL), EPERM);
  pid_t own = fork();
  if (own == 0) for (;;) pause();
  EXPECT(kill(own, SIGKILL) == 0 && waitpid(own, &status, 0) == own);
  return 0;
}

TEST(signals_and_abstract_sockets_end_at_the_sandbox)
{
  landlock_abi_or_skip(6);
  make_world();
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK_EQUAL(bind(listener, (const struct sockaddr *)&abstract_name, sizeof abstract_name), 0);
  CHECK_EQUAL(listen(listener, 1), 0);
  CHECK_IN_CHILD(scopes, NULL);
  close(listener);
  remove_folder();
}

static int look_into(void *pid)
{
  char path[64];
  const char *files[] = { "mem", "environ", "maps", "fd/0", "cwd/." };
  EXPECT(enter_project(0) == 0); /* which gives all of /proc to read */
  EXPECT(sandbox_drop_capabilities() == 0); /* CAP_PERFMON may read what Landlock keeps from others */
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", *(pid_t *)pid, files[i]);
    EXPECT(open(path, O_RDONLY) < 0 && (errno == EACCES || errno == EPERM));
  }
  return 0;
}

TEST(the_parents_memory_and_environment_cannot_be_read_though_proc_can)
{
  landlock_abi_or_skip(1);
  make_world();
  pid_t self = getpid();
  CHECK_IN_CHILD(look_into, &self);
  remove_folder();
}

static int too_many(void *unused)
{
  (void)unused;
  struct sandbox_rule rules[SANDBOX_RULES_MAX + 1];
  size_t failed = 0;
  int abi = sandbox_landlock_abi(), ruleset = sandbox_landlock_make(abi, 0);
  EXPECT(ruleset >= 0);
  for (size_t i = 0; i <= SANDBOX_RULES_MAX; i++) rules[i] = (struct sandbox_rule){ "/usr", -1, SANDBOX_READ };
  EXPECT(sandbox_landlock_allow(ruleset, abi, rules, SANDBOX_RULES_MAX + 1, &failed) == -E2BIG);
  EXPECT(failed == SANDBOX_RULES_MAX);
  EXPECT(sandbox_landlock_allow(ruleset, abi, &(struct sandbox_rule){ NULL, 9999, SANDBOX_READ }, 1, &failed) == -EBADF);
  EXPECT(sandbox_landlock_allow(ruleset, abi, &(struct sandbox_rule){ "/usr", -1, 0 }, 1, &failed) == -ENOMSG);
  EXPECT(geteuid() == 0 || sandbox_landlock_restrict(ruleset) == -EPERM); /* no_new_privs is not set */
  return 0;
}

TEST(a_list_too_long_a_bad_descriptor_and_a_rule_for_nothing_are_refused)
{
  landlock_abi_or_skip(1);
  CHECK_IN_CHILD(too_many, NULL);
}
