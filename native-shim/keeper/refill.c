#include "refill.h"

#include "clock.h"

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static uint64_t sooner(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* Of what keeps a gap open, when it will have done so for long enough; 0: nothing does. */
static uint64_t hooks_come_first_until_ns(const struct refill_view *view)
{
  if (view->task_started_ns != 0) return view->task_started_ns + REFILL_HOLD_MS * NS_PER_MS;
  if (view->parked > 0 && view->answered_ns != 0) return view->answered_ns + view->quiet_ns;
  return 0;
}

uint64_t refill_held_until_ns(const struct refill_view *view)
{
  if (view->parked + view->starting >= view->target_parked) return NEVER;
  uint64_t until_ns = sooner(hooks_come_first_until_ns(view), view->short_since_ns + REFILL_HOLD_MS * NS_PER_MS);
  return until_ns > view->now_ns ? until_ns : NEVER;
}

uint32_t refill_count(const struct refill_view *view)
{
  uint32_t wanted = refill_held_until_ns(view) == NEVER ? view->target_parked : view->calls_waiting;
  uint32_t ready_soon = view->starting + view->parked, occupied = ready_soon + view->working;
  if (ready_soon >= wanted || view->starting >= view->starts_at_once) return 0;
  if (occupied >= view->occupied_max) return 0;
  uint32_t count = least(wanted - ready_soon, view->starts_at_once - view->starting);
  return least(least(count, view->empty), view->occupied_max - occupied);
}

uint32_t backoff_ms(unsigned failures)
{
  return failures > 6 ? BACKOFF_MAX_MS : least(BACKOFF_FIRST_MS << (failures - 1), BACKOFF_MAX_MS);
}
