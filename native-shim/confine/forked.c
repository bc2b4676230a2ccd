/* For resident.so: a process that was forked, and is to keep its memory, enters a sandbox as supervisor-confine does. */
#include <sys/prctl.h>
#include <unistd.h>

#include "enter.h"
#include "failure.h"
#include "sys.h"

/* By the C library, which keeps a process's number in its memory. */
static int fork_of_libc(void)
{
  int child = fork();
  return child < 0 ? -errno : child;
}

/* argv: the options of supervisor-confine, and a word after `--`. Descriptors up to 4 are kept, others closed. Returns in the
 * sandbox; ends where a step fails. No handler for a signal may be installed: B would run it. */
__attribute__((visibility("default"))) void resident_confine(char **argv)
{
  struct confine_options options;
  const char *complaint = confine_options_parse(&options, argv);
  if (complaint != NULL) fail_at(&options, STAGE_ORDER, -EINVAL, complaint);
  options.is_forked = 1;
  /* Else /proc/self belongs to root, and so does the map of user ids. */
  SYS6(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0, 0);
  sandbox_enter(&options, fork_of_libc);
  SYS6(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0, 0); /* as after an execve */
}
