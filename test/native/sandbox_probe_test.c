/* The probe tells what is there, says why what is not is not, and leaves nothing behind. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"
#include "harness.h"
#include "sandbox_fixture.h"
#include "stage.h"

#define MOUNTS_REFUSED -1000

static size_t read_mounts(char *text, size_t capacity)
{
  int fd = open("/proc/self/mountinfo", O_RDONLY);
  size_t length = 0;
  ssize_t got;
  while ((got = read(fd, text + length, capacity - length)) > 0) length += (size_t)got;
  close(fd);
  return length;
}

static int leaves_nothing(void *unused)
{
  (void)unused;
  static char before[1 << 16], after[1 << 16];
  struct probe_result results[LAYER_COUNT];
  size_t length = read_mounts(before, sizeof before);
  int lowest = dup(0);
  close(lowest);
  EXPECT(sandbox_probe(results) == 0);
  EXPECT(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
  EXPECT(dup(0) == lowest);
  EXPECT(read_mounts(after, sizeof after) == length && memcmp(before, after, length) == 0);
  for (int layer = 0; layer < LAYER_COUNT; layer++) {
    EXPECT(results[layer].layer == layer);
    EXPECT(results[layer].level > 0 || (results[layer].stage != STAGE_NONE && results[layer].errnum != ECANCELED));
  }
  /* Needs nobody's leave on any Linux that this runs on. */
  EXPECT(results[LAYER_NO_NEW_PRIVS].level == 1 && results[LAYER_RLIMITS].level == 1);
  EXPECT(results[LAYER_DESCRIPTORS].level == 1 && results[LAYER_CAPABILITIES].level >= 1);
  EXPECT(results[LAYER_OTHER_UID].level == (geteuid() == 0));
  EXPECT(results[LAYER_MOUNT].level != 1 || (results[LAYER_MOUNT].stage == STAGE_VIEW && results[LAYER_MOUNT].errnum == ENOSYS));
  int abi = sandbox_landlock_abi();
  EXPECT(results[LAYER_LANDLOCK].level == (abi < 0 ? 0 : abi));
  return 0;
}

TEST(it_leaves_no_process_no_descriptor_and_no_mount)
{
  CHECK_IN_CHILD(leaves_nothing, NULL);
}

/* As in a container: its filter refuses namespaces and keys to all, and nobody has capabilities. */
static int in_a_container(void *unused)
{
  (void)unused;
  struct probe_result results[LAYER_COUNT];
  EXPECT(sandbox_no_new_privs() == 0 && sandbox_drop_capabilities() == 0);
  EXPECT(restrict_calls(0) == 0);
  EXPECT(sandbox_probe(results) == 0);
  const struct probe_result user = results[LAYER_USER], mounts = results[LAYER_PRIVATE_MOUNTS], proc = results[LAYER_PROC];
  EXPECT(user.level == 0 && user.stage == STAGE_USER_NAMESPACE && user.errnum == EPERM);
  EXPECT(mounts.level == 0 && mounts.stage == STAGE_NAMESPACE && mounts.errnum == EPERM); /* the first cause */
  EXPECT(proc.level == 0 && proc.stage == STAGE_NAMESPACE && proc.errnum == EPERM);
  EXPECT(results[LAYER_KEYRING].level == 0 && results[LAYER_KEYRING].errnum == EPERM);
  EXPECT(results[LAYER_CAPABILITIES].level == 1 && results[LAYER_CAPABILITIES].stage == STAGE_LOCK_PRIVILEGES);
  EXPECT(results[LAYER_NO_NEW_PRIVS].level == 1 && results[LAYER_RLIMITS].level == 1);
  EXPECT(results[LAYER_LANDLOCK].level > 0 || sandbox_landlock_abi() < 1);
  return 0;
}

TEST(what_is_refused_is_told_with_its_step_and_errno_and_the_rest_is_still_tried)
{
  CHECK_IN_CHILD(in_a_container, NULL);
}

/* A filter for unshare alone, where the first argument is CLONE_NEWUSER. Its descriptor with a listener, else 0. */
static int answer_to_unshare(uint32_t answer, unsigned flags)
{
  struct sandbox_filter filter = {
    .length = 6,
    .code = { { BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 }, { BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_unshare },
              { BPF_LD | BPF_W | BPF_ABS, 0, 0, 16 }, { BPF_JMP | BPF_JEQ | BPF_K, 0, 1, CLONE_NEWUSER },
              { BPF_RET | BPF_K, 0, 0, answer }, { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW } },
  };
  struct sock_fprog program = { .len = filter.length, .filter = filter.code };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static int root_without_user_namespaces(void *unused)
{
  (void)unused;
  static char before[1 << 16], after[1 << 16];
  struct probe_result results[LAYER_COUNT];
  /* A tree of our own, for the case that it fails, and one that would hand on what is mounted in a copy of it. */
  if (unshare(CLONE_NEWNS) < 0) return MOUNTS_REFUSED;
  EXPECT(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
  EXPECT(mount("none", "/", NULL, MS_REC | MS_SHARED, NULL) == 0);
  EXPECT(answer_to_unshare(SECCOMP_RET_ERRNO | EPERM, 0) == 0);
  size_t length = read_mounts(before, sizeof before);
  EXPECT(sandbox_probe(results) == 0);
  EXPECT(read_mounts(after, sizeof after) == length && memcmp(before, after, length) == 0);
  EXPECT(results[LAYER_USER].level == 0);
  EXPECT(results[LAYER_PRIVATE_MOUNTS].level == 1 && results[LAYER_PROC].level == 1 && results[LAYER_NET].level == 2);
  return 0;
}

TEST(root_has_the_other_namespaces_without_a_user_namespace_and_mounts_nothing_for_the_host)
{
  if (geteuid() != 0) harness_skip("only root has them");
  int result = in_child(root_without_user_namespaces, NULL);
  if (result == MOUNTS_REFUSED) harness_skip("this root may not mount");
  CHECK_EQUAL(result, 0);
}

/* The call waits for an answer that nobody gives. */
static int a_step_hangs(void *unused)
{
  (void)unused;
  struct probe_result results[LAYER_COUNT];
  int listener = answer_to_unshare(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
  EXPECT(listener >= 0);
  EXPECT(sandbox_probe(results) == 0);
  EXPECT(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
  EXPECT(results[LAYER_OTHER_UID].errnum != ETIMEDOUT);
  for (int layer = LAYER_USER; layer < LAYER_COUNT; layer++)
    EXPECT(results[layer].level == 0 && results[layer].stage == STAGE_NONE && results[layer].errnum == ETIMEDOUT);
  return 0;
}

TEST(a_step_that_hangs_is_ended_and_what_was_not_reached_is_told)
{
  CHECK_IN_CHILD(a_step_hangs, NULL);
}

static int without_processes(void *unused)
{
  (void)unused;
  struct probe_result results[LAYER_COUNT];
  EXPECT(setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 }) == 0);
  EXPECT(sandbox_probe(results) == (geteuid() == 0 ? 0 : -EAGAIN));
  return 0;
}

TEST(without_a_child_it_says_so)
{
  CHECK_EQUAL(in_ordinary_child(without_processes, NULL), 0);
}
