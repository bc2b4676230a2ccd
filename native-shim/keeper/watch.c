/* What a running task may use but no leaf bounds by itself: its CPU time. Looked at as late as the budget allows, so a task
 * that stays far below it is hardly ever looked at. */
#include "watch.h"

#include <unistd.h>

#include "keeper.h"

/* Without a leaf: of what lives, and of what has been waited for. What ended unwaited is not counted. */
static uint64_t tree_cpu_us(struct keeper *keeper, struct slot *slot)
{
  uint64_t ticks = 0;
  strays_claim(keeper, slot);
  if (tree_read(&keeper->tree) < 0) return 0;
  task_mark(keeper, slot);
  for (size_t i = 0; i < keeper->tree.count; i++)
    if (keeper->tree.processes[i].marked) ticks += keeper->tree.processes[i].cpu_ticks;
  uint64_t cpu_us = ticks * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
  return cpu_us > slot->cpu_before_us ? cpu_us - slot->cpu_before_us : 0;
}

void watch_begin(struct keeper *keeper, struct slot *slot)
{
  uint64_t max_us = keeper->options.cpu_time_max_ms * 1000;
  slot->watch_ns = max_us == 0 ? NEVER : slot->call.started_ns + watch_wait_ns(max_us, keeper->processors);
}

static void look(struct keeper *keeper, struct slot *slot, uint64_t now)
{
  uint64_t max_us = keeper->options.cpu_time_max_ms * 1000;
  slot->watch_ns = NEVER;
  if (slot->state != SLOT_RUNNING) return;
  uint64_t used_us = slot->leaf_fd >= 0 ? figures_leaf_cpu_us(slot) : tree_cpu_us(keeper, slot);
  if (used_us < max_us) slot->watch_ns = now + watch_wait_ns(max_us - used_us, keeper->processors);
  else slot_input(keeper, slot, INPUT_OVER, &(struct input_data){ .limit = LIMIT_CPU });
}

void watch_tick(struct keeper *keeper, uint64_t now)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (keeper->slots[i].watch_ns <= now) look(keeper, &keeper->slots[i], now);
}
