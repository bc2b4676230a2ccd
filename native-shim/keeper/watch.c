/* What no leaf ends by itself: a task whose CPU time is used up, looked at as late as the budget allows, so that one that
 * stays far below it is hardly ever looked at; and with v1, what lives on of a task that has lost a process for want of
 * memory. */
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

/* From now until the next look at a task with that much CPU time left. */
static uint64_t wait_ns(const struct keeper *keeper, const struct slot *slot, uint64_t left_us)
{
  uint64_t budget_ns = keeper->options.cpu_time_max_ms == 0 ? NEVER : watch_wait_ns(left_us, keeper->processors);
  uint64_t oom_ns = slot->leaf_fd >= 0 && figures_oom_spares_others(keeper) ? WATCH_OOM_MS * NS_PER_MS : NEVER;
  return budget_ns < oom_ns ? budget_ns : oom_ns;
}

static void look_again(const struct keeper *keeper, struct slot *slot, uint64_t now, uint64_t left_us)
{
  uint64_t wait = wait_ns(keeper, slot, left_us);
  slot->watch_ns = wait == NEVER ? NEVER : now + wait;
}

void watch_begin(struct keeper *keeper, struct slot *slot)
{
  look_again(keeper, slot, slot->call.started_ns, keeper->options.cpu_time_max_ms * 1000);
}

static uint32_t limit_hit(struct keeper *keeper, struct slot *slot, uint64_t *left_us)
{
  uint64_t max_us = keeper->options.cpu_time_max_ms * 1000;
  if (slot->leaf_fd >= 0 && figures_oom_spares_others(keeper) && figures_oom_kills(keeper, slot) > 0)
    return LIMIT_MEMORY;
  if (max_us == 0) return LIMIT_NONE;
  uint64_t used_us = slot->leaf_fd >= 0 ? figures_leaf_cpu_us(keeper, slot) : tree_cpu_us(keeper, slot);
  *left_us = used_us < max_us ? max_us - used_us : 0;
  return *left_us == 0 ? LIMIT_CPU : LIMIT_NONE;
}

static void look(struct keeper *keeper, struct slot *slot, uint64_t now)
{
  uint64_t left_us = 0;
  slot->watch_ns = NEVER;
  if (slot->state != SLOT_RUNNING) return;
  uint32_t limit = limit_hit(keeper, slot, &left_us);
  if (limit == LIMIT_NONE) look_again(keeper, slot, now, left_us);
  else slot_input(keeper, slot, INPUT_OVER, &(struct input_data){ .limit = limit });
}

void watch_tick(struct keeper *keeper, uint64_t now)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (keeper->slots[i].watch_ns <= now) look(keeper, &keeper->slots[i], now);
}
