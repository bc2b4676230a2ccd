/* How many processes to start now: pure, so that a test needs neither processes nor time. */
#ifndef KEEPER_REFILL_H
#define KEEPER_REFILL_H

#include <stdint.h>

/* Starting a process and warming it takes a core for milliseconds. The hooks that made the gap want the cores first, and
 * so does the next one where they come in a row: it is closed when it has been quiet for a moment, when nothing is parked
 * any more and no hook runs, or after the longest hold. A call that waits for a process is not held back. */
#define REFILL_HOLD_MS 20u
#define REFILL_QUIET_MS 8u
/* Of a start that costs little: it only must not come between the end of a hook and its answer, when the daemon waits for
 * the processor that the keeper is on. */
#define REFILL_QUIET_SHORT_MS 2u
#define BACKOFF_FIRST_MS 100u
#define BACKOFF_MAX_MS 5000u

struct refill_view {
  uint64_t now_ns;
  uint64_t short_since_ns;   /* fewer than target_parked have been there since then */
  uint64_t task_started_ns;  /* of the youngest task that has not answered; 0: none */
  uint64_t answered_ns;      /* when the last one did; 0: none has */
  uint64_t quiet_ns;         /* how long it must have been quiet */
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
