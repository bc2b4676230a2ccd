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
  int is_crowded_out;     /* and that is the doing of other processes of our user */
  int is_stdin_over;      /* complete, or its end has been sent */
  int has_dropped_stdin;  /* more was read than is kept */
  uint64_t cancels;       /* signals still to be reported: bit n-1 */
  uint32_t readers_gone;  /* streams still to be reported: enum stream */
  unsigned char *room;    /* OUTGOING_ROOM_BYTES: frames of standard input, one behind the other */
  size_t kept_bytes;      /* of them, from the first on */
  unsigned char note[20]; /* CANCEL or READER_GONE */
};

#define OUTGOING_CHUNK_BYTES (sizeof(struct frame_header) + FRAME_DATA_MAX_BYTES)
/* What a daemon reads of us for a hook that takes nothing, what its socket holds then, and one more: a hook that has not begun is
 * never ahead of it. */
#define OUTGOING_ROOM_BYTES (10 * OUTGOING_CHUNK_BYTES)
void outgoing_start(struct outgoing *outgoing, int socket_fd, const struct call *call, unsigned char *room);
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
/* Adds what was read since to the standard input of `call`, for a direct run. 0; -ENOBUFS: not all is kept; -ENOMEM. */
int outgoing_give_back(const struct outgoing *outgoing, struct call *call);

#endif
