/* Which layers of the sandbox this machine gives to this user: found by entering them all, in a child that is thrown away.
 * Systems refuse late and differently (Ubuntu gives a user namespace and takes its rights away), so only the whole way
 * tells. Nothing it does is left behind. */
#ifndef HOOK_SUPERVISOR_PROBE_H
#define HOOK_SUPERVISOR_PROBE_H

#include <stdint.h>

#include "layers.h"

#define PROBE_TIMEOUT_MS 3000 /* it takes a few */

struct probe_result {
  uint8_t layer;
  /* 0: not available. landlock: its ABI. networkNamespace: 2 with a loopback. mountNamespace: 2 with mounts that can be made
   * read-only, so from Linux 5.12. noCapabilities: 2 with locked privileges. Else 1. */
  uint8_t level;
  uint16_t stage;  /* enum stage: where it failed, or fell short of level 2 */
  uint16_t errnum; /* 0: the kernel agreed, yet the proof failed. ECANCELED, ETIMEDOUT: the probe did not get that far */
};

/* Fills results by layer. 0, or -errno where not even a child can be had. */
int sandbox_probe(struct probe_result results[LAYER_COUNT]);

#endif
