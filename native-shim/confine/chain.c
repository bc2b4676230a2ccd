#include "chain.h"

#include <sys/prctl.h>

#include "failure.h"
#include "notes.h"
#include "sys.h"

#define EXIT_SIGNAL_BASE 128
#define ALL_SIGNALS (~0ull)

/* The streams are C's: held by us too, their ends would not be seen. */
static void close_below(int end, int kept)
{
  for (int fd = 0; fd < end; fd++)
    if (fd != kept) sys_close(fd);
}

void chain_tie(const struct chain *chain)
{
  must(chain->options, STAGE_DEATH_SIGNAL, (int)SYS6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0), "");
  if ((int)SYS6(SYS_getppid, 0, 0, 0, 0, 0, 0) != chain->keeper) fail_at(chain->options, STAGE_DEATH_SIGNAL, -ESRCH, "");
}

/* By the signal that ended C; nothing of us is worth a core file. */
_Noreturn static void end_as(int status)
{
  int signal = status & 0x7f;
  if (signal == 0) sys_exit(status >> 8 & 0xff);
  const struct sys_sigaction defaults = { .handler = 0 };
  const struct { uint64_t soft, hard; } none = { 0, 0 };
  uint64_t mask = ~SYS_SIGNAL_BIT(signal);
  SYS6(SYS_prlimit64, 0, RLIMIT_CORE, &none, NULL, 0, 0);
  sys_signal_action(signal, &defaults, NULL);
  sys_signal_mask(SIG_SETMASK, &mask, NULL);
  SYS6(SYS_kill, sys_pid(), signal, 0, 0, 0, 0);
  sys_exit(EXIT_SIGNAL_BASE + signal);
}

/* All signals are blocked here: one that is meant for the hook must not end who tells of its end. */
_Noreturn static void be_outside(const struct chain_hands *hands, int init, int notes)
{
  if (hands->forget != NULL) hands->forget(hands->memory);
  close_below(DOOR_FD + 1, notes);
  int status = 0, init_status = 0;
  while (SYS6(SYS_wait4, init, &init_status, 0, NULL, 0, 0) == -EINTR) {}
  end_as(notes_status(notes, &status) ? status : init_status);
}

/* Its end is that of everything in the namespace. */
_Noreturn static void be_init(const struct chain *chain, int child)
{
  int order = chain->options->is_kept_by_keeper ? ORDER_FD : -1;
  if (chain->hands->forget != NULL) chain->hands->forget(chain->hands->memory);
  close_below(NOTE_FD, order);
  notes_take(NOTE_FD, order, child);
  sys_exit(0);
}

/* The first process has no parent that it could ask for: the pipe tells whether A is still there. */
static void tie_to_outside(const struct confine_options *options, int note)
{
  must(options, STAGE_DEATH_SIGNAL, (int)SYS6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0), "");
  struct pollfd reader = { .fd = note };
  if (sys_poll(&reader, 1, 0) != 0) fail_at(options, STAGE_DEATH_SIGNAL, -ESRCH, "");
}

void chain_fork(const struct chain *chain, void (*enter)(const struct confine_options *options, int first_closed))
{
  const struct confine_options *options = chain->options;
  const struct sys_sigaction defaults = { .handler = 0 };
  uint64_t all = ALL_SIGNALS, taken = notes_signals();
  int ends[2];
  must(options, STAGE_PIPES, sys_pipe2(ends, O_CLOEXEC), "");
  sys_signal_action(SIGCHLD, &defaults, NULL); /* ignored, it would take the status of children away */
  sys_signal_mask(SIG_SETMASK, &all, NULL);
  int init = chain->hands->fork_here();
  must(options, STAGE_NAMESPACE_FORK, init, "pidNamespace");
  if (init > 0) {
    sys_close(ends[1]);
    be_outside(chain->hands, init, ends[0]);
  }
  sys_close(ends[0]);
  tie_to_outside(options, ends[1]);
  if (ends[1] != NOTE_FD) must(options, STAGE_STDIO, sys_dup3(ends[1], NOTE_FD, O_CLOEXEC), "");
  if (ends[1] != NOTE_FD) sys_close(ends[1]);
  sys_signal_mask(SIG_SETMASK, &taken, NULL); /* others do not reach the first process of a namespace */
  enter(options, options->has_door ? DOOR_FD + 1 : NOTE_FD + 1);
  int child = chain->hands->fork_here();
  must(options, STAGE_NAMESPACE_FORK, child, "pidNamespace");
  if (child > 0) be_init(chain, child);
  sys_close(NOTE_FD);
  if (options->has_door) sys_close(DOOR_FD);
  sys_signal_mask(SIG_SETMASK, &chain->signals_before, NULL);
  must(options, STAGE_SETSID, (int)SYS6(SYS_setsid, 0, 0, 0, 0, 0, 0), "");
}
