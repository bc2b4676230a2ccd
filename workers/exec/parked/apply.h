/* Puts on what a direct run of the hook would have inherited from the client. */
#ifndef PARKED_APPLY_H
#define PARKED_APPLY_H

#include "wire.h"

/* Of this process, read while nobody waits. Only the order changes it. */
struct own_state {
  int32_t nice;
  struct wire_rlimit rlimits[WIRE_RLIMITS];
};

void own_state_read(struct own_state *own);

/* 0, or -errno of what this process may not do: then a direct run is the only faithful one. Confined, limits that were
 * lowered stay so. */
int apply_inherited(const struct inherited *inherited, const struct own_state *own, int is_confined);

#endif
