#include "refill.h"

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

uint32_t refill_count(const struct refill_view *view)
{
  uint32_t ready_soon = view->starting + view->parked, occupied = ready_soon + view->working;
  if (ready_soon >= view->target_parked || view->starting >= STARTS_AT_ONCE_MAX) return 0;
  if (occupied >= view->occupied_max) return 0;
  if (view->parked > 0 && view->hooks_are_young) return 0;
  uint32_t count = least(view->target_parked - ready_soon, STARTS_AT_ONCE_MAX - view->starting);
  return least(least(count, view->empty), view->occupied_max - occupied);
}

uint32_t backoff_ms(unsigned failures)
{
  return failures > 6 ? BACKOFF_MAX_MS : least(BACKOFF_FIRST_MS << (failures - 1), BACKOFF_MAX_MS);
}
