#include "apply.h"

#include "sys.h"

#define NICE_OFFSET 20 /* the system call answers 20 - nice */

void own_state_read(struct own_state *own)
{
  own->nice = (int32_t)(NICE_OFFSET - SYS6(SYS_getpriority, PRIO_PROCESS, 0, 0, 0, 0, 0));
  for (int limit = 0; limit < WIRE_RLIMITS; limit++)
    SYS6(SYS_prlimit64, 0, limit, NULL, &own->rlimits[limit], 0, 0);
}

static struct wire_rlimit at_most(struct wire_rlimit wanted, uint64_t max)
{
  if (wanted.soft > max) wanted.soft = max;
  if (wanted.hard > max) wanted.hard = max;
  return wanted;
}

static int apply_limits(const struct wire_rlimit *wanted, const struct wire_rlimit *own, int is_confined)
{
  for (int limit = 0; limit < WIRE_RLIMITS; limit++) {
    struct wire_rlimit next = is_confined ? at_most(wanted[limit], own[limit].hard) : wanted[limit];
    if (limit == RLIMIT_CORE) next.soft = 0; /* level contained: a crash must not fill the disk */
    if (own[limit].soft == next.soft && own[limit].hard == next.hard) continue;
    long result = SYS6(SYS_prlimit64, 0, limit, &next, NULL, 0, 0);
    if (result < 0) return (int)result;
  }
  return 0;
}

/* All are at their default until here. Refused for KILL and STOP, which nobody can ignore. */
static void apply_ignored(uint64_t ignored)
{
  const struct sys_sigaction ignore = { .handler = (uintptr_t)SIG_IGN };
  for (; ignored != 0; ignored &= ignored - 1) sys_signal_action(__builtin_ctzll(ignored) + 1, &ignore, NULL);
}

int apply_inherited(const struct inherited *inherited, const struct own_state *own, int is_confined)
{
  SYS6(SYS_umask, inherited->umask & 0777, 0, 0, 0, 0, 0);
  if (inherited->nice != own->nice) {
    long result = SYS6(SYS_setpriority, PRIO_PROCESS, 0, inherited->nice, 0, 0, 0);
    if (result < 0) return (int)result;
  }
  apply_ignored(inherited->ignored_signals);
  /* Limits last: a low one would hit us and not the program. */
  return apply_limits(inherited->rlimits, own->rlimits, is_confined);
}
