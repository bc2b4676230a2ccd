#include "inherit.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(WIRE_RLIMITS == RLIM_NLIMITS, "indexed by RLIMIT_*");

/* Below SIGRTMIN, Node gives signals back their defaults when it starts, whatever it has inherited. Of the two that are
 * libc's own, its posix_spawn leaves both ignored, and its threads need one. */
static int inherit_ignored(uint64_t ignored)
{
  for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
    if ((ignored & 1ull << (number - 1)) && signal(number, SIG_IGN) == SIG_ERR) return -errno;
  return 0;
}

/* Read when the process started: stacks of threads are sized by it, memory is reserved within it. */
static int is_fixed_at_start(int resource)
{
  return resource == RLIMIT_STACK || resource == RLIMIT_AS || resource == RLIMIT_DATA;
}

/* By its path: the descriptor is one of the host's tree, and a confined process in there has left its view. The path counts
 * only if it leads to the very same folder. */
static int enter_by_path(int cwd_fd)
{
  char name[32], path[PATH_MAX];
  struct stat wanted, found;
  snprintf(name, sizeof name, "/proc/self/fd/%d", cwd_fd);
  ssize_t length = readlink(name, path, sizeof path - 1);
  if (length < 0 || fstat(cwd_fd, &wanted) < 0) return -errno;
  path[length] = '\0';
  if (chdir(path) < 0 || stat(".", &found) < 0) return -errno;
  return found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino ? 0 : -ESTALE;
}

static int enter_folder(int cwd_fd, bool is_confined)
{
  if (is_confined) return enter_by_path(cwd_fd);
  return fchdir(cwd_fd) < 0 ? -errno : 0;
}

static struct rlimit at_most(struct rlimit wanted, rlim_t max)
{
  if (wanted.rlim_cur > max) wanted.rlim_cur = max;
  if (wanted.rlim_max > max) wanted.rlim_max = max;
  return wanted;
}

/* Confined, those that were lowered stay so. */
static int inherit_limits(const struct wire_rlimit *wanted, bool is_confined)
{
  for (int resource = 0; resource < WIRE_RLIMITS; resource++) {
    struct rlimit now, next = { .rlim_cur = wanted[resource].soft, .rlim_max = wanted[resource].hard };
    if (resource == RLIMIT_CORE) next.rlim_cur = 0; /* level contained: a crash must not fill the disk */
    if (resource == RLIMIT_NOFILE) next.rlim_cur = next.rlim_max; /* as Node does when it starts */
    if (getrlimit(resource, &now) < 0) return -errno;
    if (is_confined) next = at_most(next, now.rlim_max);
    if (is_fixed_at_start(resource) && now.rlim_cur != next.rlim_cur) return -EINVAL;
    if (now.rlim_cur == next.rlim_cur && now.rlim_max == next.rlim_max) continue;
    if (setrlimit(resource, &next) < 0) return -errno;
  }
  return 0;
}

int inherit(const struct order *order)
{
  const struct inherited *inherited = &order->head.inherited;
  errno = 0;
  /* A priority is a thread's own, and the engine's threads are running. */
  if (getpriority(PRIO_PROCESS, 0) != inherited->nice || errno != 0) return -EINVAL;
  int status = inherit_ignored(inherited->ignored_signals);
  if (status < 0) return status;
  bool is_confined = (order->head.flags & ORDER_CONFINED) != 0;
  status = enter_folder(order->cwd_fd, is_confined);
  close(order->cwd_fd);
  if (status < 0) return status;
  if ((order->head.flags & ORDER_MERGED_OUTPUT) && dup2(1, 2) < 0) return -errno;
  umask((mode_t)inherited->umask & 0777);
  environ = order->env;
  return inherit_limits(inherited->rlimits, is_confined);
}
