/* Reads what is there of standard input, so that most calls are one message. */
#ifndef HOOK_SUPERVISOR_CLIENT_GATHER_H
#define HOOK_SUPERVISOR_CLIENT_GATHER_H

#include "call.h"

#define GATHER_CHUNK_BYTES (64u * 1024)
#define GATHER_ENOUGH_BYTES (128u * 1024)
#define GATHER_MAX_BYTES (GATHER_ENOUGH_BYTES + GATHER_CHUNK_BYTES)
#define GATHER_QUIET_MS 50  /* without a byte for so long, the call is sent and the rest follows */
#define GATHER_TOTAL_MS 200 /* bounds a writer that drips */

/* Fills call->stdin_bytes, which has room for GATHER_MAX_BYTES, and sets the other stdin fields. */
void gather_stdin(struct call *call);

#endif
