/* How many processes to start now: pure, so that a test needs neither processes nor time. */
#ifndef KEEPER_REFILL_H
#define KEEPER_REFILL_H

#include <stdint.h>

#define STARTS_AT_ONCE_MAX 2u /* a start takes a core; more at once only delay each other */
#define BACKOFF_FIRST_MS 100u
#define BACKOFF_MAX_MS 5000u

struct refill_view {
  uint32_t target_parked;
  uint32_t occupied_max; /* bound on all slots with a process that has not answered */
  uint32_t empty;
  uint32_t starting;
  uint32_t parked;
  uint32_t working; /* running, condemned or draining */
  int hooks_are_young; /* a task begun a moment ago has not answered yet: starts would take its core */
};

uint32_t refill_count(const struct refill_view *view);
/* Wait after the n-th failed start in a row, n >= 1. */
uint32_t backoff_ms(unsigned failures);

#endif
