#include "apply.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

_Static_assert(WIRE_RLIMITS == RLIM_NLIMITS, "indexed by RLIMIT_*");

static int apply_limits(const struct wire_rlimit *wanted)
{
  for (int resource = 0; resource < WIRE_RLIMITS; resource++) {
    struct rlimit now, next = { .rlim_cur = wanted[resource].soft, .rlim_max = wanted[resource].hard };
    if (resource == RLIMIT_CORE) next.rlim_cur = 0; /* level contained: a crash must not fill the disk */
    if (getrlimit(resource, &now) < 0) return -errno;
    if (now.rlim_cur == next.rlim_cur && now.rlim_max == next.rlim_max) continue;
    if (setrlimit(resource, &next) < 0) return -errno;
  }
  return 0;
}

static int apply_nice(int wanted)
{
  errno = 0;
  int now = getpriority(PRIO_PROCESS, 0);
  if (errno != 0) return -errno;
  return now != wanted && setpriority(PRIO_PROCESS, 0, wanted) < 0 ? -errno : 0;
}

static int apply_ignored(uint64_t ignored)
{
  for (int number = 1; number < NSIG; number++) {
    if (!(ignored & 1ull << (number - 1)) || number == SIGKILL || number == SIGSTOP) continue;
    (void)signal(number, SIG_IGN); /* refused only for the two signals libc keeps to itself */
  }
  return 0;
}

int apply_inherited(const struct inherited *inherited)
{
  umask((mode_t)inherited->umask & 0777);
  int status = apply_nice(inherited->nice);
  if (status == 0) status = apply_ignored(inherited->ignored_signals);
  /* Limits last: a low one would hit us and not the program. */
  return status == 0 ? apply_limits(inherited->rlimits) : status;
}
