/* Keeps as many processes parked as the daemon wants: refill.c says how many to start, here they are started. */
#include "keeper.h"

static struct refill_view look(const struct keeper *keeper, uint64_t now)
{
  uint32_t quiet_ms = keeper->options.runtime == RUNTIME_EXEC ? REFILL_QUIET_SHORT_MS : REFILL_QUIET_MS;
  struct refill_view view = {
    .now_ns = now, .answered_ns = keeper->answered_ns,
    .quiet_ns = quiet_ms * NS_PER_MS, .starts_at_once = keeper->processors,
    .target_parked = keeper->target.parked, .occupied_max = keeper->target.running_max,
    .calls_waiting = keeper->target.waiting,
  };
  for (uint32_t i = 0; i < keeper->options.slots; i++) {
    const struct slot *slot = &keeper->slots[i];
    switch (slot->state) {
      case SLOT_EMPTY: view.empty++; break;
      case SLOT_STARTING: view.starting++; break;
      case SLOT_PARKED: view.parked++; break;
      case SLOT_RUNNING:
        if (slot->call.started_ns > view.task_started_ns) view.task_started_ns = slot->call.started_ns;
        view.working++;
        break;
      case SLOT_KILLING: case SLOT_DRAINING: view.working++; break;
      case SLOT_LEAVING: case SLOT_LINGERING: case SLOT_STATES: break;
    }
  }
  return view;
}

static struct slot *find_empty(struct keeper *keeper)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (keeper->slots[i].state == SLOT_EMPTY) return &keeper->slots[i];
  return NULL;
}

static struct slot *longest_parked(struct keeper *keeper)
{
  struct slot *longest = NULL;
  for (uint32_t i = 0; i < keeper->options.slots; i++) {
    struct slot *slot = &keeper->slots[i];
    if (slot->state == SLOT_PARKED && (longest == NULL || slot->parked_ns < longest->parked_ns)) longest = slot;
  }
  return longest;
}

void keeper_refill(struct keeper *keeper)
{
  uint64_t now = now_ns();
  struct refill_view view = look(keeper, now);
  if (view.parked + view.starting >= view.target_parked) keeper->short_since_ns = NEVER;
  else if (keeper->short_since_ns == NEVER) keeper->short_since_ns = now;
  view.short_since_ns = keeper->short_since_ns;
  keeper->refill_due_ns = refill_held_until_ns(&view);
  for (; view.parked > view.target_parked; view.parked--)
    slot_input(keeper, longest_parked(keeper), INPUT_RETIRE, NULL);
  if (link_is_full(&keeper->link) || now < keeper->next_start_ns) return;
  if (keeper->options.runtime == RUNTIME_PYTHON && keeper->zygote.phase != ZYGOTE_SERVING) return;
  for (uint32_t count = refill_count(&view); count > 0 && now >= keeper->next_start_ns; count--)
    slot_input(keeper, find_empty(keeper), INPUT_BEGIN, NULL);
}
