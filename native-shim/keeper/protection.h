/* What must stay as it is in folders that confined processes may write to, seen from outside. A read-only mount in their
 * namespace does that, and it stands on a file or folder of the host: one that is missing has to be made first, or a
 * hook would make it; one that is replaced or removed on the host takes its mount along, unnoticed by who is parked. */
#ifndef KEEPER_PROTECTION_H
#define KEEPER_PROTECTION_H

#include <stddef.h>
#include <stdint.h>

#include "options.h"

struct protection {
  const struct confinement *of;
  char *held[SANDBOX_PATHS_MAX]; /* what is mounted on for each path: itself, or the first part of it that was missing */
  size_t made_count;
  char *made[SANDBOX_PATHS_MAX];
};

/* Makes an empty folder for what is missing, and fills `held`. 0, or -errno with *path. */
int protection_hold(struct protection *protection, const char **path);
/* Changes with any held path that is no longer the one that it was. */
uint64_t protection_digest(const struct protection *protection);
/* Removes what was made and is still empty. */
void protection_release(struct protection *protection);

#endif
