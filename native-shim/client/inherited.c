#include "inherited.h"

#include "sys.h"

#define KCMP_FILE 0 /* linux/kcmp.h, which not every libc brings along */
#define NICE_OFFSET 20 /* the system call answers 20 - nice, to keep clear of negative results */

static uint32_t read_umask(void)
{
  /* Only setting it tells it; nothing else runs in this process in between. */
  long umask = SYS6(SYS_umask, 0, 0, 0, 0, 0, 0);
  SYS6(SYS_umask, umask, 0, 0, 0, 0, 0);
  return (uint32_t)umask;
}

static uint64_t read_ignored_signals(void)
{
  uint64_t ignored = 0;
  for (int signal = 1; signal <= SYS_SIGNAL_MAX; signal++) {
    struct sys_sigaction action;
    if (sys_signal_action(signal, NULL, &action) == 0 && action.handler == (uintptr_t)SIG_IGN)
      ignored |= SYS_SIGNAL_BIT(signal);
  }
  return ignored;
}

void read_inherited(struct inherited *inherited)
{
  inherited->umask = read_umask();
  inherited->nice = (int32_t)(NICE_OFFSET - SYS6(SYS_getpriority, PRIO_PROCESS, 0, 0, 0, 0, 0));
  inherited->ignored_signals = read_ignored_signals();
  /* struct wire_rlimit is the kernel's rlimit64: two unsigned 64-bit numbers, soft first. */
  for (int limit = 0; limit < WIRE_RLIMITS; limit++)
    SYS6(SYS_prlimit64, 0, limit, NULL, &inherited->rlimits[limit], 0, 0);
}

int is_output_merged(void)
{
  int pid = sys_pid();
  long order = SYS6(SYS_kcmp, pid, pid, KCMP_FILE, 1, 2, 0);
  if (order >= 0) return order == 0;

  /* kcmp is often refused in containers. Two opens of one pipe, socket or terminal look the same and do no harm; of a
   * regular file they would have two positions. */
  struct stat out, err;
  if (sys_fstat(1, &out) != 0 || sys_fstat(2, &err) != 0) return 0;
  int is_stream = !S_ISREG(out.st_mode) && !S_ISDIR(out.st_mode);
  return is_stream && out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}
