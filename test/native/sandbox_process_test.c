/* What a process sheds: rights, keys, descriptors, limits. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"
#include "harness.h"
#include "kernel_numbers.h"
#include "sandbox_fixture.h"

#define ALL_LOCKED 0xef /* what securebits(7) calls a capabilities-based environment; KEEP_CAPS itself is off */

/* Of "Cap...: 000...": all five are looked at. */
static int has_any_capability(void)
{
  char line[128];
  int found = 0, lines = 0;
  FILE *status = fopen("/proc/self/status", "r");
  if (status == NULL) return 1;
  while (fgets(line, sizeof line, status) != NULL) {
    if (strncmp(line, "Cap", 3) != 0) continue;
    lines++;
    if (strspn(line + 8, "0") != 16) found = 1;
  }
  fclose(status);
  return found || lines != 5;
}

static int shed_capabilities(void *unused)
{
  (void)unused;
  EXPECT(sandbox_no_new_privs() == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
  if (geteuid() != 0) {
    EXPECT(sandbox_lock_privileges() == -EPERM);
    return sandbox_drop_capabilities() == 0 ? 0 : __LINE__;
  }
  EXPECT(sandbox_lock_privileges() == 0 && sandbox_drop_capabilities() == 0);
  EXPECT(!has_any_capability());
  EXPECT(prctl(PR_GET_SECUREBITS) == ALL_LOCKED);
  EXPECT_ERRNO(prctl(PR_SET_SECUREBITS, 0), EPERM);
  EXPECT_ERRNO(setgid(65534), EPERM);
  EXPECT_ERRNO(chown("/", 0, 1), EPERM);
  EXPECT_ERRNO(syscall(SYS_capset, &(struct __user_cap_header_struct){ .version = _LINUX_CAPABILITY_VERSION_3 },
                       (struct __user_cap_data_struct[2]){ { .permitted = 1, .effective = 1 } }), EPERM);
  return 0;
}

TEST(all_five_sets_are_empty_and_stay_so)
{
  CHECK_IN_CHILD(shed_capabilities, NULL);
}

/* Root without capabilities executes: the kernel gives root all of them back, if nothing tells it not to. */
static int execute_as_root(void *unused)
{
  (void)unused;
  int status;
  EXPECT(sandbox_no_new_privs() == 0 && sandbox_lock_privileges() == 0 && sandbox_drop_capabilities() == 0);
  pid_t pid = fork();
  if (pid == 0) {
    execl("/bin/sh", "sh", "-c", "! grep -q '^Cap.*:.*[1-9a-f]' /proc/self/status", NULL);
    _exit(9);
  }
  EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
  return 0;
}

TEST(an_exec_gives_root_nothing_back)
{
  if (geteuid() != 0) harness_skip("only root has something to be given back");
  CHECK_EQUAL(in_child(execute_as_root, NULL), 0);
}

static int execute_setuid(void *program)
{
  int status;
  EXPECT(sandbox_no_new_privs() == 0);
  pid_t pid = fork();
  if (pid == 0) {
    execl(program, "id", "-u", NULL);
    _exit(9);
  }
  EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
  return 0;
}

/* A program that fails when its effective uid is 0. */
static void make_setuid_program(const char *path)
{
  char command[512];
  make_file(in_folder("who.c"), "#include <unistd.h>\nint main(void) { return geteuid() == 0; }\n");
  snprintf(command, sizeof command, "gcc -o %s %s", path, in_folder("who.c"));
  CHECK_EQUAL(system(command), 0);
  CHECK_EQUAL(chmod(path, 04755), 0);
}

TEST(a_setuid_program_has_the_callers_uid)
{
  if (geteuid() != 0) harness_skip("only root can make a program that becomes root");
  make_folder();
  char *program = (char *)in_folder("who");
  make_setuid_program(program);
  CHECK_EQUAL(in_ordinary_child(execute_setuid, program), 0);
  remove_folder();
}

static int new_keyring(void *unused)
{
  (void)unused;
  long before = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 1);
  if (before < 0) return errno == ENOSYS || errno == EPERM ? -1000 : __LINE__;
  EXPECT(syscall(SYS_add_key, "user", "hs-test", "secret", 6, -3) > 0);
  EXPECT(syscall(SYS_keyctl, KEYCTL_SEARCH, -3, "user", "hs-test", 0) > 0);
  EXPECT(sandbox_new_keyring() == 0);
  EXPECT_ERRNO(syscall(SYS_keyctl, KEYCTL_SEARCH, -3, "user", "hs-test", 0), ENOKEY);
  EXPECT(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0) != before);
  return 0;
}

TEST(keys_of_the_session_are_left_behind)
{
  int result = in_child(new_keyring, NULL);
  if (result == -1000) harness_skip("keyctl is not there or refused");
  CHECK_EQUAL(result, 0);
  CHECK_EQUAL(in_ordinary_child(new_keyring, NULL), 0);
}

static int descriptors(void *unused)
{
  (void)unused;
  EXPECT(open("/dev/null", O_RDONLY) >= 0 && dup2(0, 777) == 777);
  EXPECT(sandbox_close_from(3) == 0);
  for (int fd = 3; fd < 1024; fd++) EXPECT(fcntl(fd, F_GETFD) < 0);
  EXPECT(fcntl(0, F_GETFD) >= 0);
  return 0;
}

TEST(no_descriptor_stays_but_those_below)
{
  CHECK_IN_CHILD(descriptors, NULL);
}

/* As a container's filter or a kernel of old: close_range is not there. */
static int without_close_range(void *unused)
{
  struct sandbox_filter filter = {
    .length = 4,
    .code = { { BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 }, { BPF_JMP | BPF_JEQ | BPF_K, 0, 1, NR_close_range },
              { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS }, { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW } },
  };
  EXPECT(sandbox_no_new_privs() == 0 && sandbox_filter_load(&filter) == 0);
  EXPECT_ERRNO(syscall(NR_close_range, 3, 9, 0), ENOSYS);
  for (int fd = 100; fd < 300; fd++) EXPECT(dup2(0, fd) == fd); /* more than one listing holds */
  return descriptors(unused);
}

TEST(no_descriptor_stays_where_they_must_be_closed_one_by_one)
{
  CHECK_IN_CHILD(without_close_range, NULL);
}

static int limits(void *unused)
{
  (void)unused;
  struct rlimit now, open_files = { 256, 512 };
  EXPECT(setrlimit(RLIMIT_NOFILE, &open_files) == 0);
  EXPECT(sandbox_lower_rlimits(sandbox_rlimits, sandbox_rlimit_count) == 0);
  EXPECT(getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 256 && now.rlim_max == 512); /* never raised */
  for (size_t i = 0; i < sandbox_rlimit_count; i++)
    EXPECT(getrlimit((__rlimit_resource_t)sandbox_rlimits[i].resource, &now) == 0 && now.rlim_max <= sandbox_rlimits[i].max);
  EXPECT(sandbox_drop_capabilities() == 0);
  EXPECT_ERRNO(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 1024, 1024 }), EPERM);
  EXPECT_ERRNO(syscall(SYS_mlock, &now, 1), EPERM); /* libc's own does nothing under a sanitizer */
  EXPECT_ERRNO(setpriority(PRIO_PROCESS, 0, -20), EACCES);
  EXPECT_ERRNO(sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ 1 }), EPERM);
  return 0;
}

TEST(limits_are_lowered_and_cannot_be_raised_again)
{
  CHECK_IN_CHILD(limits, NULL);
}
