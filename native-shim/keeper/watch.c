/* What no leaf ends by itself: a task whose CPU time is used up, looked at as late as the budget allows, so that one that
 * stays far below it is hardly ever looked at; with v1, what lives on of a task that has lost a process for want of memory; and
 * without a leaf, the memory of the tree. */
#include "watch.h"

#include <errno.h>
#include <unistd.h>

#include "keeper.h"

struct use {
  uint64_t cpu_us;
  uint64_t rss_bytes;
};

/* Without a leaf: of what lives, and CPU time of what has been waited for. What ended unwaited is not counted. */
static struct use tree_use(struct keeper *keeper, struct slot *slot)
{
  uint64_t ticks = 0;
  struct use use = { 0 };
  strays_claim(keeper, slot);
  if (tree_read(&keeper->tree) < 0) return use;
  task_mark(keeper, slot);
  for (size_t i = 0; i < keeper->tree.count; i++) {
    const struct tree_process *process = &keeper->tree.processes[i];
    if (!process->marked) continue;
    ticks += process->cpu_ticks;
    use.rss_bytes += process->rss_bytes;
  }
  uint64_t cpu_us = ticks * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
  use.cpu_us = cpu_us > slot->cpu_before_us ? cpu_us - slot->cpu_before_us : 0;
  return use;
}

/* Before anything is ended for it: forks share their pages, which the sum above counts in each of them. Of what tree_use has
 * marked. */
static uint64_t tree_pss(const struct keeper *keeper)
{
  uint64_t sum = 0;
  for (size_t i = 0; i < keeper->tree.count; i++) {
    const struct tree_process *process = &keeper->tree.processes[i];
    uint64_t bytes = process->rss_bytes;
    if (!process->marked) continue;
    if (tree_pss_bytes(process->pid, &bytes) == -ENOENT) bytes = 0; /* gone meanwhile */
    sum += bytes;
  }
  return sum;
}

/* How long something may go on before it is looked at without regard to CPU time; NEVER: for ever. */
static uint64_t memory_wait_ns(const struct keeper *keeper, const struct slot *slot)
{
  if (slot->leaf_fd >= 0) return figures_oom_spares_others(keeper) ? WATCH_OOM_MS * NS_PER_MS : NEVER;
  return keeper->options.memory_poll_max_bytes > 0 ? WATCH_MEMORY_MS * NS_PER_MS : NEVER;
}

/* What a task may use; 0: as much as it likes. */
static uint64_t cpu_max_us(const struct keeper *keeper, const struct slot *slot)
{
  return slot->call.is_resident ? 0 : keeper->options.cpu_time_max_ms * 1000;
}

/* From now until the next look at a task with that much CPU time left. */
static uint64_t wait_ns(const struct keeper *keeper, const struct slot *slot, uint64_t left_us)
{
  uint64_t budget_ns = cpu_max_us(keeper, slot) == 0 ? NEVER : watch_wait_ns(left_us, keeper->processors);
  uint64_t memory_ns = memory_wait_ns(keeper, slot);
  return budget_ns < memory_ns ? budget_ns : memory_ns;
}

static void look_again(const struct keeper *keeper, struct slot *slot, uint64_t now, uint64_t left_us)
{
  uint64_t wait = wait_ns(keeper, slot, left_us);
  slot->watch_ns = wait == NEVER ? NEVER : now + wait;
}

void watch_begin(struct keeper *keeper, struct slot *slot)
{
  look_again(keeper, slot, slot->call.started_ns, cpu_max_us(keeper, slot));
}

static uint32_t leaf_limit_hit(const struct keeper *keeper, const struct slot *slot, struct use *use)
{
  if (figures_oom_spares_others(keeper) && figures_oom_kills(keeper, slot) > 0) return LIMIT_MEMORY;
  use->cpu_us = figures_leaf_cpu_us(keeper, slot);
  return LIMIT_NONE;
}

static uint32_t tree_limit_hit(struct keeper *keeper, struct slot *slot, struct use *use)
{
  uint64_t max_bytes = keeper->options.memory_poll_max_bytes;
  *use = tree_use(keeper, slot);
  if (max_bytes == 0 || use->rss_bytes <= max_bytes) return LIMIT_NONE;
  return tree_pss(keeper) > max_bytes ? LIMIT_MEMORY : LIMIT_NONE;
}

static void look(struct keeper *keeper, struct slot *slot, uint64_t now)
{
  uint64_t max_us = cpu_max_us(keeper, slot);
  struct use use = { 0 };
  slot->watch_ns = NEVER;
  if (slot->state != SLOT_RUNNING) return;
  uint32_t limit = slot->leaf_fd >= 0 ? leaf_limit_hit(keeper, slot, &use) : tree_limit_hit(keeper, slot, &use);
  if (limit == LIMIT_NONE && max_us > 0 && use.cpu_us >= max_us) limit = LIMIT_CPU;
  if (limit == LIMIT_NONE) look_again(keeper, slot, now, max_us - use.cpu_us);
  else slot_input(keeper, slot, INPUT_OVER, &(struct input_data){ .limit = limit });
}

void watch_tick(struct keeper *keeper, uint64_t now)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (keeper->slots[i].watch_ns <= now) look(keeper, &keeper->slots[i], now);
}
