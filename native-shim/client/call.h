/* The CALL frame: what is to be run, in which state, with what has been read of standard input so far. */
#ifndef HOOK_SUPERVISOR_CLIENT_CALL_H
#define HOOK_SUPERVISOR_CLIENT_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "text.h"
#include "wire.h"

struct call {
  unsigned char *frame; /* header and payload, frame_bytes in all */
  size_t frame_bytes;
  unsigned char *stdin_bytes; /* the last part of the frame */
  size_t stdin_length;
  int is_stdin_complete; /* nothing more is to be sent */
  int is_stdin_ended;    /* end of file was seen */
  int cwd_fd;
  uint32_t flags; /* enum call_flag, as sent */
  uint64_t ignored_signals;
};

/* Reads standard input as far as it is there, then builds the frame. 0, or -errno and `why` says it to people; call->stdin_*
 * are valid in both cases, so that what was read is not lost to a direct run. */
int make_call(const struct options *options, char *const *env, struct call *call, struct line *why);

#endif
