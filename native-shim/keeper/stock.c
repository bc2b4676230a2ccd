/* Keeps as many processes parked as the daemon wants: refill.c says how many to start, here they are started. */
#include "keeper.h"

static struct refill_view look(const struct keeper *keeper, uint64_t now)
{
  struct refill_view view = { .target_parked = keeper->target.parked, .occupied_max = keeper->target.running_max };
  for (uint32_t i = 0; i < keeper->options.slots; i++) {
    const struct slot *slot = &keeper->slots[i];
    switch (slot->state) {
      case SLOT_EMPTY: view.empty++; break;
      case SLOT_STARTING: view.starting++; break;
      case SLOT_PARKED: view.parked++; break;
      case SLOT_RUNNING:
        if (now - slot->call.started_ns < REFILL_HOLD_MS * NS_PER_MS) view.hooks_are_young = 1;
        view.working++;
        break;
      case SLOT_KILLING: case SLOT_DRAINING: view.working++; break;
      case SLOT_LEAVING: case SLOT_LINGERING: case SLOT_STATES: break;
    }
  }
  return view;
}

static struct slot *find_state(struct keeper *keeper, enum slot_state state)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (keeper->slots[i].state == state) return &keeper->slots[i];
  return NULL;
}

void keeper_refill(struct keeper *keeper)
{
  uint64_t now = now_ns();
  struct refill_view view = look(keeper, now);
  for (; view.parked > view.target_parked; view.parked--)
    slot_input(keeper, find_state(keeper, SLOT_PARKED), INPUT_RETIRE, NULL);
  if (link_is_full(&keeper->link) || now < keeper->next_start_ns) return;
  if (keeper->options.runtime == RUNTIME_PYTHON && keeper->zygote.phase != ZYGOTE_SERVING) return;
  for (uint32_t count = refill_count(&view); count > 0 && now >= keeper->next_start_ns; count--)
    slot_input(keeper, find_state(keeper, SLOT_EMPTY), INPUT_BEGIN, NULL);
}
