#include "fresh.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436 /* the same on every architecture; C libraries before 2021 do not know it */
#endif

int fresh_session(void) { return setsid() < 0 ? -1 : 0; }

int fresh_signals(void)
{
  /* Refused for KILL, STOP and the two that libc keeps to itself. */
  for (int number = 1; number < NSIG; number++) (void)signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, NULL);
}

int fresh_descriptors(int first)
{
  if (syscall(SYS_close_range, (unsigned)first, ~0u, 0u) == 0) return 0;
  if (errno != ENOSYS) return -1;
  DIR *list = opendir("/proc/self/fd"); /* before Linux 5.9 */
  if (list == NULL) return -1;
  struct dirent *entry;
  while ((entry = readdir(list)) != NULL) {
    int fd = atoi(entry->d_name);
    if (fd >= first && fd != dirfd(list)) close(fd);
  }
  closedir(list);
  return 0;
}

int fresh_death_signal(pid_t keeper)
{
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return -1;
  if (getppid() == keeper) return 0;
  errno = ESRCH;
  return -1;
}
