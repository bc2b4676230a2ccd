/* The signals by which an agent ends a hook. */
#ifndef HOOK_SUPERVISOR_CLIENT_SIGNALS_H
#define HOOK_SUPERVISOR_CLIENT_SIGNALS_H

#include <stdint.h>

struct signals {
  uint64_t entry_mask;
  int fd;           /* readable when one has arrived, or -1 */
  int received;     /* the last one, 0 for none */
  int64_t first_ms; /* when the first arrived */
};

/* Holds back SIGPIPE alone: a reader that is gone must show as an error of the write, not end us with a wrong status. */
void signals_enter(struct signals *signals);
/* SIGTERM, SIGINT and SIGHUP become readable, apart from those that a direct run would not have died of either. */
void signals_take(struct signals *signals, uint64_t ignored);
/* The signal that has arrived, or 0. */
int signals_read(struct signals *signals);
/* As if that one had arrived. */
void signals_assume(struct signals *signals, int signal);
/* Undoes signals_take: the last lines are written with signals in effect, SIGPIPE apart. */
void signals_release(const struct signals *signals);
/* As it was before signals_enter. What has arrived and not been read takes its effect. */
void signals_restore(const struct signals *signals);
/* Ends this process by `signal` without a core file; by exit status 128 + signal where that has no effect (PID 1). */
_Noreturn void die_of_signal(int signal);

#endif
