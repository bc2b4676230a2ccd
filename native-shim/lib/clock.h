/* One clock for every deadline: it does not jump when somebody sets the time. */
#ifndef HOOK_SUPERVISOR_CLOCK_H
#define HOOK_SUPERVISOR_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NEVER UINT64_MAX
#define NS_PER_MS 1000000ull

static inline uint64_t now_ns(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

#endif
