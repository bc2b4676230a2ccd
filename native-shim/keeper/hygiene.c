/* What an ended task leaves charged to its leaf (files in memory, above all) would count against the next one's limits. */
#include <stdio.h>

#include "cgroup.h"
#include "keeper.h"

#define RESIDUE_MAX_BYTES (4ull << 20)
#define DYING_MAX 32u /* groups that the kernel keeps since something is still charged to them */

struct residue_figure {
  const char *file, *key; /* NULL: the file's only number */
};

enum { RESIDUE_FIGURES = 4 };
static const struct residue_figure residue_v2[RESIDUE_FIGURES] = {
  { "memory.stat", "anon" },
  { "memory.stat", "shmem" },
  { "memory.stat", "slab_unreclaimable" },
  { "memory.swap.current", NULL },
};
static const struct residue_figure residue_v1[RESIDUE_FIGURES] = {
  { "memory.stat", "rss" },
  { "memory.stat", "shmem" },
  { "memory.stat", "swap" },
  { "memory.kmem.usage_in_bytes", NULL },
};

static int is_v1(const struct keeper *keeper) { return keeper->options.controller_count > 0; }

/* What the leaf does not have (its controller is missing) is nothing. */
static uint64_t residue_bytes(const struct keeper *keeper, const struct slot *slot)
{
  const struct residue_figure *figures = is_v1(keeper) ? residue_v1 : residue_v2;
  uint64_t sum = 0, bytes;
  for (unsigned i = 0; i < RESIDUE_FIGURES; i++)
    if (cgroup_read(leaf_folder(keeper, slot, figures[i].file), figures[i].file, figures[i].key, &bytes) == 0) sum += bytes;
  return sum;
}

static void reclaim(const struct keeper *keeper, const struct slot *slot, uint64_t bytes)
{
  const char *file = is_v1(keeper) ? "memory.force_empty" : "memory.reclaim";
  char text[24];
  snprintf(text, sizeof text, "%lu", bytes);
  (void)cgroup_write(leaf_folder(keeper, slot, file), file, text); /* -EAGAIN: not all of it could be had */
}

/* A renewed leaf lives on unseen until the last page is freed: who fills them on purpose shall not fill the kernel. v1
 * does not tell how many do, so there all that were renewed count. */
static int may_renew(struct keeper *keeper)
{
  uint64_t dying = 0;
  if (is_v1(keeper)) return keeper->soiled_leaves < DYING_MAX && ++keeper->soiled_leaves;
  (void)cgroup_read(keeper->options.cgroup_fd, "cgroup.stat", "nr_dying_descendants", &dying);
  return dying < DYING_MAX;
}

int leaf_is_soiled(struct keeper *keeper, const struct slot *slot)
{
  uint64_t residue = residue_bytes(keeper, slot);
  if (residue <= RESIDUE_MAX_BYTES) return 0;
  reclaim(keeper, slot, residue);
  return residue_bytes(keeper, slot) > RESIDUE_MAX_BYTES && may_renew(keeper);
}
