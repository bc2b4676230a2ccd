/* The memory of a channel, mapped by the side that did not make it. */
#ifndef HOOK_SUPERVISOR_RING_MAP_H
#define HOOK_SUPERVISOR_RING_MAP_H

#include <stdint.h>

#include "ring.h"

/* Maps and attaches both rings, each of that many bytes, for the life of the process. `in` is what the daemon writes.
 * Closes the descriptor. 0 or -errno. */
int ring_map_peer(int ring_fd, uint32_t ring_size_bytes, uint64_t generation, struct ring *in, struct ring *out);

#endif
