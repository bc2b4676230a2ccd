#include "notes.h"

#include "sys.h"
#include "wire.h"

#define US_PER_S 1000000u
#define CPU_CLOCK_OF(pid) (~(pid) * 8 | 2) /* as the kernel numbers the clocks of processes */

uint64_t notes_signals(void)
{
  return SYS_SIGNAL_BIT(SIGCHLD) | SYS_SIGNAL_BIT(TASK_FINISHED_SIGNAL);
}

static void tell_keeper(int order, const struct park_end *end)
{
  if (order >= 0) SYS6(SYS_sendto, order, end, sizeof *end, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
}

/* 1: the child is among the dead. */
static int reap(int child, int *status)
{
  for (;;) {
    long dead = SYS6(SYS_wait4, -1, status, WNOHANG, NULL, 0, 0);
    if (dead == -EINTR) continue;
    if (dead <= 0) return 0;
    if (dead == child) return 1;
  }
}

/* Whatever lives in the namespace descends from us: who loses its parent becomes our child. One look, and no reaping of what
 * else is dead: a hook that leaves behind what forks for ever would keep us here. */
static int is_alone(void)
{
  return SYS6(SYS_wait4, -1, NULL, WNOHANG | __WALL, NULL, 0, 0) == -ECHILD;
}

static uint64_t microseconds(const struct timeval *time)
{
  return (uint64_t)time->tv_sec * US_PER_S + (uint64_t)time->tv_usec;
}

static void tell_ended(int order, int status)
{
  struct rusage used = { .ru_maxrss = 0 };
  SYS6(SYS_getrusage, RUSAGE_CHILDREN, &used, 0, 0, 0, 0);
  const struct park_end end = {
    .kind = PARK_ENDED, .status = status, .cpu_us = microseconds(&used.ru_utime) + microseconds(&used.ru_stime),
    .memory_peak_kib = (uint64_t)used.ru_maxrss,
  };
  tell_keeper(order, &end);
}

/* Outside it could be gone before it is asked. */
static void tell_finished(int order, int child, int exit_code)
{
  struct timespec used = { .tv_sec = 0 };
  SYS6(SYS_clock_gettime, CPU_CLOCK_OF(child), &used, 0, 0, 0, 0);
  const struct park_end end = {
    .kind = PARK_FINISHED, .status = (exit_code & 0xff) << 8,
    .cpu_us = (uint64_t)used.tv_sec * US_PER_S + (uint64_t)used.tv_nsec / 1000,
  };
  tell_keeper(order, &end);
}

void notes_take(int note, int order, int child)
{
  uint64_t signals = notes_signals();
  siginfo_t info;
  int status;
  while (!reap(child, &status)) {
    long number = SYS6(SYS_rt_sigtimedwait, &signals, &info, NULL, 8, 0, 0);
    if (number == TASK_FINISHED_SIGNAL && info.si_code == SI_QUEUE && info.si_pid == child)
      tell_finished(order, child, info.si_value.sival_int);
  }
  if (is_alone()) tell_ended(order, status);
  sys_write(note, &status, sizeof status); /* A is there: we die with it */
}

int notes_status(int note, int *status)
{
  return sys_read(note, status, sizeof *status) == sizeof *status;
}
