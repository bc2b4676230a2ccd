/* How many processes to start now: pure, so that a test needs neither processes nor time. */
#ifndef KEEPER_REFILL_H
#define KEEPER_REFILL_H

#include <stdint.h>

/* Starting a process and warming it takes a core for milliseconds. The hooks that made the gap want the cores first: it is
 * closed when they have answered, or after this long if they do not. A call that waits for a process is not held back. */
#define REFILL_HOLD_MS 20u
#define BACKOFF_FIRST_MS 100u
#define BACKOFF_MAX_MS 5000u

struct refill_view {
  uint64_t now_ns;
  uint64_t short_since_ns;   /* fewer than target_parked have been there since then */
  uint64_t task_started_ns;  /* of the youngest task that has not answered; 0: none */
  uint32_t starts_at_once;   /* one for each core; more would only delay each other */
  uint32_t calls_waiting;    /* part of target_parked */
  uint32_t target_parked;
  uint32_t occupied_max; /* bound on all slots with a process that has not answered */
  uint32_t empty;
  uint32_t starting;
  uint32_t parked;
  uint32_t working; /* running, condemned or draining */
};

uint32_t refill_count(const struct refill_view *view);
/* When a refill that is held back goes on by itself; UINT64_MAX: it is not held back. */
uint64_t refill_held_until_ns(const struct refill_view *view);
/* Wait after the n-th failed start in a row, n >= 1. */
uint32_t backoff_ms(unsigned failures);

#endif
