#include "signals.h"

#include "sys.h"

#include <sys/signalfd.h> /* not self-contained in glibc */

void signals_enter(struct signals *signals)
{
  const uint64_t pipe = SYS_SIGNAL_BIT(SIGPIPE);
  *signals = (struct signals){ .fd = -1 };
  sys_signal_mask(SIG_BLOCK, &pipe, &signals->entry_mask);
}

void signals_take(struct signals *signals, uint64_t ignored)
{
  uint64_t wanted = SYS_SIGNAL_BIT(SIGTERM) | SYS_SIGNAL_BIT(SIGINT) | SYS_SIGNAL_BIT(SIGHUP);
  wanted &= ~(ignored | signals->entry_mask);
  sys_signal_mask(SIG_BLOCK, &wanted, NULL);
  signals->fd = sys_signalfd(wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  /* Without it they end us at once, and the closed connection cancels the call as well. */
  if (signals->fd < 0) sys_signal_mask(SIG_UNBLOCK, &wanted, NULL);
}

int signals_read(struct signals *signals)
{
  struct signalfd_siginfo info;
  if (sys_read(signals->fd, &info, sizeof info) != sizeof info) return 0;
  signals_assume(signals, (int)info.ssi_signo);
  return signals->received;
}

void signals_assume(struct signals *signals, int signal)
{
  if (signals->received == 0) signals->first_ms = sys_now_ms();
  signals->received = signal;
}

void signals_release(const struct signals *signals)
{
  const uint64_t mask = signals->entry_mask | SYS_SIGNAL_BIT(SIGPIPE);
  sys_signal_mask(SIG_SETMASK, &mask, NULL);
}

void signals_restore(const struct signals *signals)
{
  sys_signal_mask(SIG_SETMASK, &signals->entry_mask, NULL);
}

_Noreturn void die_of_signal(int signal)
{
  const struct rlimit no_core = { 0, 0 };
  const struct sys_sigaction by_default = { .handler = (uintptr_t)SIG_DFL };
  const uint64_t mask = SYS_SIGNAL_BIT(signal);
  SYS6(SYS_prlimit64, 0, RLIMIT_CORE, &no_core, NULL, 0, 0);
  sys_signal_action(signal, &by_default, NULL);
  SYS6(SYS_kill, sys_pid(), signal, 0, 0, 0, 0);
  sys_signal_mask(SIG_UNBLOCK, &mask, NULL);
  sys_exit(128 + signal);
}
