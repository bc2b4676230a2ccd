/* What goes to the daemon: the CALL, then frames of standard input and cancellations, one after the other. Nothing is queued
 * but the frame on its way: standard input is read only when the one before has gone. */
#ifndef HOOK_SUPERVISOR_CLIENT_OUTGOING_H
#define HOOK_SUPERVISOR_CLIENT_OUTGOING_H

#include <stddef.h>
#include <stdint.h>

#include "call.h"

struct outgoing {
  int socket_fd;
  const unsigned char *at; /* the frame on its way */
  size_t left_bytes;
  int cwd_fd;             /* goes with the first bytes, then -1 */
  int is_call_sent;
  int is_broken;          /* the daemon takes nothing any more */
  int is_stdin_over;      /* complete, or its end has been sent */
  int has_read_stdin;     /* more than the CALL holds: it is not kept */
  uint64_t cancels;       /* signals still to be reported: bit n-1 */
  uint32_t readers_gone;  /* streams still to be reported: enum stream */
  unsigned char *chunk;   /* OUTGOING_CHUNK_BYTES: room for a frame of standard input */
  unsigned char note[20]; /* CANCEL or READER_GONE */
};

#define OUTGOING_CHUNK_BYTES (sizeof(struct frame_header) + FRAME_DATA_MAX_BYTES)
void outgoing_start(struct outgoing *outgoing, int socket_fd, const struct call *call, unsigned char *chunk);
void outgoing_cancel(struct outgoing *outgoing, int signal);
void outgoing_reader_gone(struct outgoing *outgoing, uint32_t stream);
/* 1 if the socket should be polled for POLLOUT. */
int outgoing_is_pending(const struct outgoing *outgoing);
/* Sends what the socket takes now; an error sets is_broken. */
void outgoing_send(struct outgoing *outgoing);
/* 1 if fd 0 should be polled for input. */
int outgoing_wants_stdin(const struct outgoing *outgoing);
/* Makes a frame of what fd 0 has. Call when it is readable. */
void outgoing_read_stdin(struct outgoing *outgoing);

#endif
