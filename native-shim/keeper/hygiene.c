/* What an ended task leaves charged to its leaf (files in memory, above all) would count against the next one's limit. */
#include <stdio.h>

#include "cgroup.h"
#include "keeper.h"

#define RESIDUE_MAX_BYTES (4ull << 20)
#define DYING_MAX 32u /* groups that the kernel keeps since something is still charged to them */

static uint64_t residue_bytes(const struct slot *slot)
{
  static const char *const parts[] = { "anon", "shmem", "slab_unreclaimable" };
  uint64_t sum = 0, bytes;
  for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
    if (cgroup_read(slot->leaf_fd, "memory.stat", parts[i], &bytes) == 0) sum += bytes;
  return sum;
}

int leaf_is_soiled(const struct keeper *keeper, const struct slot *slot)
{
  uint64_t residue = residue_bytes(slot), dying = 0;
  if (residue <= RESIDUE_MAX_BYTES) return 0;
  char text[24];
  snprintf(text, sizeof text, "%lu", residue);
  (void)cgroup_write(slot->leaf_fd, "memory.reclaim", text); /* -EAGAIN: not all of it could be had */
  if (residue_bytes(slot) <= RESIDUE_MAX_BYTES) return 0;
  /* A renewed leaf lives on unseen until the last page is freed: who fills them on purpose shall not fill the kernel. */
  (void)cgroup_read(keeper->options.cgroup_fd, "cgroup.stat", "nr_dying_descendants", &dying);
  return dying < DYING_MAX;
}
