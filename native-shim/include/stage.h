/* The numbered steps of starting a process. A failing step reports its number, errno and subject; the text table is
 * in supervisor/contract/stage.ts. */
#ifndef HOOK_SUPERVISOR_STAGE_H
#define HOOK_SUPERVISOR_STAGE_H

#include <stdint.h>

enum stage {
  STAGE_NONE = 0,
  STAGE_PIPES = 1,
  STAGE_SOCKETPAIR = 2,
  STAGE_LEAF_MKDIR = 3,
  STAGE_LEAF_LIMIT = 4,
  STAGE_FORK = 5,
  STAGE_LEAF_ENTER = 6,
  STAGE_LEAF_PROOF = 7,
  STAGE_SETSID = 8,
  STAGE_STDIO = 9,
  STAGE_CLOSE_RANGE = 10,
  STAGE_DEATH_SIGNAL = 11,
  STAGE_READY = 12,
  STAGE_ORDER = 13,
  STAGE_CWD = 14,
  STAGE_RLIMIT = 15,
  STAGE_EXEC = 16,
  STAGE_ZYGOTE_EXEC = 17,
  STAGE_ZYGOTE_READY = 18,
  STAGE_USER_NAMESPACE = 19,
  STAGE_ID_MAP = 20,
  STAGE_NAMESPACE = 21,
  STAGE_NAMESPACE_FORK = 22,
  STAGE_LOOPBACK = 23,
  STAGE_DETACH_MOUNTS = 24,
  STAGE_MOUNT_PRIVATE = 25,
  STAGE_MOUNT_COVER = 26,
  STAGE_MOUNT_PROC = 27,
  STAGE_KEYRING = 28,
  STAGE_NO_NEW_PRIVS = 29,
  STAGE_LOCK_PRIVILEGES = 30,
  STAGE_DROP_CAPABILITIES = 31,
  STAGE_OTHER_UID = 32,
  STAGE_LANDLOCK_VERSION = 33,
  STAGE_LANDLOCK_RULESET = 34,
  STAGE_LANDLOCK_RULE = 35,
  STAGE_LANDLOCK_RESTRICT = 36,
  STAGE_FILTER_BUILD = 37,
  STAGE_FILTER_LOAD = 38,
  STAGE_PROOF = 39,
  STAGE_VIEW = 40,
  STAGE_ENTER_ROOT = 41,
  STAGE_PROTECT = 42,
  STAGE_DOOR = 43,
  STAGE_PROGRAM = 44,
  STAGE_LAST = STAGE_PROGRAM,
};

struct setup_failure {
  uint32_t stage;   /* enum stage */
  int32_t errnum;   /* positive errno, 0 if none */
  uint32_t subject_bytes; /* the path or name concerned follows */
};

#endif
