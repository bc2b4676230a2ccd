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
};

struct setup_failure {
  uint32_t stage;   /* enum stage */
  int32_t errnum;   /* positive errno, 0 if none */
  uint32_t subject_bytes; /* the path or name concerned follows */
};

#endif
