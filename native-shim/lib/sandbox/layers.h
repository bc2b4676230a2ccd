/* The layers of the sandbox by name and number, in the order in which they are entered. The names are those of
 * supervisor/contract/isolation.ts. */
#ifndef HOOK_SUPERVISOR_LAYERS_H
#define HOOK_SUPERVISOR_LAYERS_H

#include <stdint.h>

#define SANDBOX_LAYERS(each)                                                                                     \
  each(OTHER_UID, "otherUid") each(USER, "userNamespace") each(MOUNT, "mountNamespace") each(IPC, "ipcNamespace") \
  each(UTS, "utsNamespace") each(CGROUP, "cgroupNamespace") each(NET, "networkNamespace")                        \
  each(PID, "pidNamespace") each(PRIVATE_MOUNTS, "privateMounts") each(PROC, "ownProc")                          \
  each(KEYRING, "sessionKeyring") each(RLIMITS, "resourceLimits") each(DESCRIPTORS, "closedDescriptors")         \
  each(NO_NEW_PRIVS, "noNewPrivs") each(CAPABILITIES, "noCapabilities") each(LANDLOCK, "landlock")               \
  each(SECCOMP, "seccomp")

#define SANDBOX_LAYER_NUMBER(name, text) LAYER_##name,
enum sandbox_layer { SANDBOX_LAYERS(SANDBOX_LAYER_NUMBER) LAYER_COUNT };

#define LAYER_BIT(layer) (1u << (layer))

const char *sandbox_layer_name(enum sandbox_layer layer);
/* "a,b,c" as bits. 0, or -EINVAL: a name that is none, or of a layer that supervisor-confine cannot enter. */
int sandbox_layers_parse(const char *text, uint32_t *layers);
/* What one of them needs and is not among them, by name; NULL: nothing. */
const char *sandbox_layers_lack(uint32_t layers);

#endif
