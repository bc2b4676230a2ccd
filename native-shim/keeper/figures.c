/* What a task has used: by its leaf, which counts the whole tree, or by what the kernel says of its main process. */
#include "keeper.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"

struct figure {
  const char *file, *key; /* NULL: the file's only number */
  uint64_t per_unit;      /* of the file's numbers in one of ours */
};

/* The same figures under two names. */
struct figure_names {
  struct figure cpu_us, throttled_us, oom_kills, pids_max_hits;
  struct figure own_ooms[2]; /* their sum */
  const char *peak;
  int oom_spares_others;
};

static const struct figure_names names_v2 = {
  .cpu_us = { "cpu.stat", "usage_usec", 1 },
  .throttled_us = { "cpu.stat", "throttled_usec", 1 },
  .oom_kills = { "memory.events", "oom_kill", 1 },
  .own_ooms = { { "memory.events", "oom", 1 } },
  .pids_max_hits = { "pids.events", "max", 1 },
  .peak = "memory.peak",
};
static const struct figure_names names_v1 = {
  .cpu_us = { "cpuacct.usage", NULL, 1000 },
  .throttled_us = { "cpu.stat", "throttled_time", 1000 },
  .oom_kills = { "memory.oom_control", "oom_kill", 1 },
  .own_ooms = { { "memory.failcnt", NULL, 1 }, { "memory.memsw.failcnt", NULL, 1 } },
  .pids_max_hits = { "pids.events", "max", 1 },
  .peak = "memory.max_usage_in_bytes",
  .oom_spares_others = 1,
};

static const struct figure_names *names(const struct keeper *keeper)
{
  return keeper->options.controller_count > 0 ? &names_v1 : &names_v2;
}

int figures_oom_spares_others(const struct keeper *keeper) { return names(keeper)->oom_spares_others; }

void figures_open_peak(const struct keeper *keeper, struct slot *slot)
{
  const char *file = names(keeper)->peak;
  slot->peak_fd = openat(leaf_folder(keeper, slot, file), file, O_RDWR | O_CLOEXEC);
}

/* pread, so that it is read through the descriptor that has reset it. */
static uint64_t read_peak(const struct slot *slot)
{
  char text[32];
  uint64_t peak = 0;
  ssize_t length = slot->peak_fd < 0 ? 0 : pread(slot->peak_fd, text, sizeof text - 1, 0);
  if (length <= 0) return 0;
  text[length] = '\0';
  return sscanf(text, "%lu", &peak) == 1 ? peak : 0;
}

/* With v1, and from Linux 6.12, a write resets the peak (then as this descriptor sees it); else it is refused. */
void figures_reset_peak(struct slot *slot)
{
  slot->peak_before = read_peak(slot);
  slot->peak_is_ours = slot->peak_fd >= 0 && write(slot->peak_fd, "0", 1) == 1;
}

/* A peak that could not be reset is that of the leaf's whole life: ours only if this task raised it. */
static uint64_t leaf_peak_bytes(const struct slot *slot)
{
  uint64_t peak = read_peak(slot);
  return slot->peak_is_ours || peak > slot->peak_before ? peak : 0;
}

/* What the leaf does not have (its controller is missing) is 0. */
static uint64_t read_figure(const struct keeper *keeper, const struct slot *slot, const struct figure *figure)
{
  uint64_t number = 0;
  if (figure->file == NULL) return 0;
  (void)cgroup_read(leaf_folder(keeper, slot, figure->file), figure->file, figure->key, &number);
  return number / figure->per_unit;
}

static struct leaf_counters count(const struct keeper *keeper, const struct slot *slot)
{
  const struct figure_names *figures = names(keeper);
  return (struct leaf_counters){
    .cpu_us = read_figure(keeper, slot, &figures->cpu_us),
    .throttled_us = read_figure(keeper, slot, &figures->throttled_us),
    .oom_kills = read_figure(keeper, slot, &figures->oom_kills),
    .own_ooms = read_figure(keeper, slot, &figures->own_ooms[0]) + read_figure(keeper, slot, &figures->own_ooms[1]),
    .pids_max_hits = read_figure(keeper, slot, &figures->pids_max_hits),
  };
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
void figures_begin(const struct keeper *keeper, struct slot *slot)
{
  slot->cpu_before_us = cpu_spent_us(confined_pid(keeper, slot));
  if (slot->leaf_fd >= 0) slot->leaf_before = count(keeper, slot);
}

uint64_t figures_leaf_cpu_us(const struct keeper *keeper, const struct slot *slot)
{
  return since(read_figure(keeper, slot, &names(keeper)->cpu_us), slot->leaf_before.cpu_us);
}

uint64_t figures_oom_kills(const struct keeper *keeper, const struct slot *slot)
{
  return since(read_figure(keeper, slot, &names(keeper)->oom_kills), slot->leaf_before.oom_kills);
}

uint32_t figures_end(const struct keeper *keeper, struct slot *slot, struct task_end *end, const struct rusage *usage)
{
  uint64_t cpu_us = usage == NULL ? cpu_us_of(confined_pid(keeper, slot)) : microseconds(usage->ru_utime) + microseconds(usage->ru_stime);
  uint32_t own_ooms = 0;
  end->cpu_us = since(cpu_us, slot->cpu_before_us);
  if (slot->leaf_fd >= 0) {
    struct leaf_counters now = count(keeper, slot), before = slot->leaf_before;
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
