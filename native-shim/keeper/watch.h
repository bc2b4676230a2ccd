/* When to look at what a running task uses: pure, so that a test needs neither processes nor time. */
#ifndef KEEPER_WATCH_H
#define KEEPER_WATCH_H

#include <stdint.h>

#define WATCH_LEAST_MS 10u /* between two looks */
#define WATCH_OOM_MS 50u
#define WATCH_MEMORY_MS 250u /* reads the whole process table */

/* From now until a task with that much left can have used it up at the earliest: all processors work on it. */
static inline uint64_t watch_wait_ns(uint64_t left_us, uint32_t processors)
{
  const uint64_t least_ns = WATCH_LEAST_MS * 1000000ull;
  uint64_t wait_ns = left_us * 1000 / (processors == 0 ? 1 : processors);
  return wait_ns < least_ns ? least_ns : wait_ns;
}

#endif
