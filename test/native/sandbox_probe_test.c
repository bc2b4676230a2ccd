/* The probe tells what is there, says why what is not is not, and leaves nothing behind. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"
#include "harness.h"
#include "sandbox_fixture.h"
#include "stage.h"

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
  struct probe_result results[PROBE_LAYER_COUNT];
  size_t length = read_mounts(before, sizeof before);
  int lowest = dup(0);
  close(lowest);
  EXPECT(sandbox_probe(results) == 0);
  EXPECT(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
  EXPECT(dup(0) == lowest);
  EXPECT(read_mounts(after, sizeof after) == length && memcmp(before, after, length) == 0);
  for (int layer = 0; layer < PROBE_LAYER_COUNT; layer++) {
    EXPECT(results[layer].layer == layer);
    EXPECT(results[layer].level > 0 || (results[layer].stage != STAGE_NONE && results[layer].errnum != ECANCELED));
  }
  /* Needs nobody's leave on any Linux that this runs on. */
  EXPECT(results[PROBE_NO_NEW_PRIVS].level == 1 && results[PROBE_RLIMITS].level == 1);
  EXPECT(results[PROBE_DESCRIPTORS].level == 1 && results[PROBE_CAPABILITIES].level >= 1);
  EXPECT(results[PROBE_OTHER_UID].level == (geteuid() == 0));
  int abi = sandbox_landlock_abi();
  EXPECT(results[PROBE_LANDLOCK].level == (abi < 0 ? 0 : abi));
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
  struct probe_result results[PROBE_LAYER_COUNT];
  EXPECT(sandbox_no_new_privs() == 0 && sandbox_drop_capabilities() == 0);
  EXPECT(restrict_calls(0) == 0);
  EXPECT(sandbox_probe(results) == 0);
  const struct probe_result user = results[PROBE_USER], mounts = results[PROBE_PRIVATE_MOUNTS], proc = results[PROBE_PROC];
  EXPECT(user.level == 0 && user.stage == STAGE_USER_NAMESPACE && user.errnum == EPERM);
  EXPECT(mounts.level == 0 && mounts.stage == STAGE_NAMESPACE && mounts.errnum == EPERM); /* the first cause */
  EXPECT(proc.level == 0 && proc.stage == STAGE_NAMESPACE && proc.errnum == EPERM);
  EXPECT(results[PROBE_KEYRING].level == 0 && results[PROBE_KEYRING].errnum == EPERM);
  EXPECT(results[PROBE_CAPABILITIES].level == 1 && results[PROBE_CAPABILITIES].stage == STAGE_LOCK_PRIVILEGES);
  EXPECT(results[PROBE_NO_NEW_PRIVS].level == 1 && results[PROBE_RLIMITS].level == 1);
  EXPECT(results[PROBE_LANDLOCK].level > 0 || sandbox_landlock_abi() < 1);
  return 0;
}

TEST(what_is_refused_is_told_with_its_step_and_errno_and_the_rest_is_still_tried)
{
  CHECK_IN_CHILD(in_a_container, NULL);
}

static int without_processes(void *unused)
{
  (void)unused;
  struct probe_result results[PROBE_LAYER_COUNT];
  EXPECT(setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 }) == 0);
  EXPECT(sandbox_probe(results) == (geteuid() == 0 ? 0 : -EAGAIN));
  return 0;
}

TEST(without_a_child_it_says_so)
{
  CHECK_EQUAL(in_ordinary_child(without_processes, NULL), 0);
}
