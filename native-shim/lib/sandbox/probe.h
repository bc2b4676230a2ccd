/* Which layers of the sandbox this machine gives to this user: found by entering them all, in a child that is thrown away.
 * Systems refuse late and differently (Ubuntu gives a user namespace and takes its rights away), so only the whole way
 * tells. Nothing it does is left behind. */
#ifndef HOOK_SUPERVISOR_PROBE_H
#define HOOK_SUPERVISOR_PROBE_H

#include <stdint.h>

#define PROBE_TIMEOUT_MS 3000 /* it takes a few */

/* In the order in which they are entered. The names are those of supervisor/contract/isolation.ts. */
#define PROBE_LAYERS(each)                                                                                       \
  each(OTHER_UID, "otherUid") each(USER, "userNamespace") each(MOUNT, "mountNamespace") each(IPC, "ipcNamespace") \
  each(UTS, "utsNamespace") each(CGROUP, "cgroupNamespace") each(NET, "networkNamespace")                        \
  each(PID, "pidNamespace") each(PRIVATE_MOUNTS, "privateMounts") each(PROC, "ownProc")                          \
  each(KEYRING, "sessionKeyring") each(RLIMITS, "resourceLimits") each(DESCRIPTORS, "closedDescriptors")         \
  each(NO_NEW_PRIVS, "noNewPrivs") each(CAPABILITIES, "noCapabilities") each(LANDLOCK, "landlock")               \
  each(SECCOMP, "seccomp")

#define PROBE_LAYER_NUMBER(name, text) PROBE_##name,
enum probe_layer { PROBE_LAYERS(PROBE_LAYER_NUMBER) PROBE_LAYER_COUNT };

struct probe_result {
  uint8_t layer;
  /* 0: not available. landlock: its ABI. networkNamespace: 2 with a loopback. noCapabilities: 2 with locked privileges. Else
   * 1. */
  uint8_t level;
  uint16_t stage;  /* enum stage: where it failed, or fell short of level 2 */
  uint16_t errnum; /* 0: the kernel agreed, yet the proof failed. ECANCELED, ETIMEDOUT: the probe did not get that far */
};

/* Fills results by layer. 0, or -errno where not even a child can be had. */
int sandbox_probe(struct probe_result results[PROBE_LAYER_COUNT]);

#endif
