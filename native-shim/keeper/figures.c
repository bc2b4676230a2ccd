/* What a task has used: by its leaf, which counts the whole tree, or by what the kernel says of its main process. */
#include "keeper.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"

void figures_reset_peak(struct slot *slot)
{
  slot->peak_before = 0;
  (void)cgroup_read(slot->leaf_fd, "memory.peak", NULL, &slot->peak_before);
  /* From Linux 6.12 a write resets the peak as this descriptor sees it; before, it is refused. */
  slot->peak_is_ours = slot->peak_fd >= 0 && write(slot->peak_fd, "0", 1) == 1;
}

static uint64_t leaf_peak_bytes(const struct slot *slot)
{
  char text[32];
  uint64_t peak = 0;
  if (slot->peak_is_ours) {
    ssize_t length = pread(slot->peak_fd, text, sizeof text - 1, 0);
    if (length <= 0) return 0;
    text[length] = '\0';
    return sscanf(text, "%lu", &peak) == 1 ? peak : 0;
  }
  /* An old kernel's peak is that of the leaf's whole life: ours only if this task raised it. */
  if (cgroup_read(slot->leaf_fd, "memory.peak", NULL, &peak) < 0 || peak <= slot->peak_before) return 0;
  return peak;
}

/* A counter that the leaf does not have (its controller is missing) stays 0. */
static struct leaf_counters count(const struct slot *slot)
{
  struct leaf_counters counters = { 0 };
  (void)cgroup_read(slot->leaf_fd, "memory.events", "oom_kill", &counters.oom_kills);
  (void)cgroup_read(slot->leaf_fd, "memory.events", "oom", &counters.own_ooms);
  (void)cgroup_read(slot->leaf_fd, "pids.events", "max", &counters.pids_max_hits);
  (void)cgroup_read(slot->leaf_fd, "cpu.stat", "usage_usec", &counters.cpu_us);
  (void)cgroup_read(slot->leaf_fd, "cpu.stat", "throttled_usec", &counters.throttled_us);
  return counters;
}

static uint64_t since(uint64_t now, uint64_t before) { return now > before ? now - before : 0; }

static uint64_t microseconds(struct timeval time) { return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec; }

/* Of a process that has not been reaped, as the kernel has counted it so far; 0 where it cannot be asked. */
static uint64_t cpu_us_of(pid_t pid)
{
  clockid_t clock;
  struct timespec used;
  if (pid == 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0) return 0;
  return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

/* 0 where the kernel keeps no schedstat. */
static uint64_t cpu_spent_us(pid_t pid)
{
  char name[40];
  unsigned long long spent_ns = 0;
  snprintf(name, sizeof name, "/proc/%d/schedstat", (int)pid);
  FILE *file = fopen(name, "re");
  if (file == NULL) return 0;
  if (fscanf(file, "%llu", &spent_ns) != 1) spent_ns = 0;
  fclose(file);
  return spent_ns / 1000;
}

/* Warming up is our doing, not the hook's. */
void figures_begin(struct slot *slot)
{
  slot->cpu_before_us = cpu_spent_us(slot->pid);
  if (slot->leaf_fd >= 0) slot->leaf_before = count(slot);
}

uint64_t figures_leaf_cpu_us(const struct slot *slot)
{
  uint64_t cpu_us = 0;
  (void)cgroup_read(slot->leaf_fd, "cpu.stat", "usage_usec", &cpu_us);
  return since(cpu_us, slot->leaf_before.cpu_us);
}

uint32_t figures_end(struct slot *slot, struct task_end *end, const struct rusage *usage)
{
  uint64_t cpu_us = usage == NULL ? cpu_us_of(slot->pid) : microseconds(usage->ru_utime) + microseconds(usage->ru_stime);
  uint32_t own_ooms = 0;
  end->cpu_us = since(cpu_us, slot->cpu_before_us);
  if (slot->leaf_fd >= 0) {
    struct leaf_counters now = count(slot), before = slot->leaf_before;
    uint64_t leaf_cpu_us = since(now.cpu_us, before.cpu_us); /* a tick old while its process still runs */
    if (leaf_cpu_us > end->cpu_us) end->cpu_us = leaf_cpu_us;
    end->throttled_us = since(now.throttled_us, before.throttled_us);
    end->oom_kills = (uint32_t)since(now.oom_kills, before.oom_kills);
    end->pids_max_hits = (uint32_t)since(now.pids_max_hits, before.pids_max_hits);
    own_ooms = (uint32_t)since(now.own_ooms, before.own_ooms);
    end->memory_peak_bytes = leaf_peak_bytes(slot);
  }
  if (end->memory_peak_bytes == 0 && usage != NULL) end->memory_peak_bytes = (uint64_t)usage->ru_maxrss * 1024;
  return own_ooms;
}
