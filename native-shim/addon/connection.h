#ifndef HOOK_SUPERVISOR_CONNECTION_H
#define HOOK_SUPERVISOR_CONNECTION_H

#include "buffer.h"
#include "identity.h"
#include "js.h"
#include "listener.h"
#include "lookout.h"

/* Bounds of one turn of the loop, so that one connection does not starve the others. */
#define READ_PER_WAKE_MAX_BYTES ((size_t)256 * 1024)
#define FRAMES_PER_WAKE_MAX 256
/* Beyond what flow control lets through: a client's window of output, an operator's one reply. */
#define SEND_QUEUE_SLACK_BYTES ((size_t)1024 * 1024)

enum connection_event { ON_FRAME, ON_CONNECTION_CLOSED, ON_DRAINED };

struct connection {
  struct object object;
  struct listener *listener; /* held while open */
  uv_handle_t *poll;
  int fd;
  struct sink events;
  struct later later;
  int watched;      /* uv_poll events asked for */
  int failure;      /* errno to close with in the next turn; 0: none */
  int received_fd;  /* came in ahead of its CALL frame; -1: none */
  bool is_paused;
  bool is_ending;
  bool is_waiting; /* in the listener's list */
  struct connection *next_waiting;
  struct switched_call *switched; /* its call, which JavaScript does not know of */
  struct identity peer;
  struct awaited awaited; /* its next frame, where it was asked for */
  struct buffer in;
  struct buffer out;
};

/* The connection over an accepted fd, which it owns from here on, also on failure (NULL, nothing pending). It is not
 * known to JavaScript yet. */
struct connection *connection_open(struct listener *listener, int fd);
/* Its JavaScript object, made at the first time. NULL on failure, after which it is closed. */
napi_value connection_wrapper(struct connection *connection);
void connection_close(struct connection *connection);
bool connection_define_class(struct module *module);

/* True while frames may be handed to JavaScript. */
bool connection_is_reading(const struct connection *connection);
/* Asks the loop for the events that matter in the present state. */
void connection_watch(struct connection *connection);
/* Closes and says so to JavaScript. errnum 0: the peer closed. */
void connection_fail(struct connection *connection, int errnum);

/* Delivers the frames that are there, within the bounds of a turn. */
void connection_read(struct connection *connection);
/* Reads once, for a first look. 1: a CALL as it should be. 0: it is not all there yet. -1: anything else, which
 * connection_read finds again. */
int connection_first_call(struct connection *connection, const unsigned char **payload, uint32_t *length_bytes);
/* Reads once, into a buffer with room for need_bytes. False: the end, which connection_read finds too; or an error (a
 * descriptor out of turn, say), with which the connection fails in the next turn, when JavaScript knows it. */
bool connection_receive(struct connection *connection, size_t need_bytes);
void connection_free_input(struct connection *connection);
/* -EPROTO, -EMSGSIZE, -EPIPE, -ENOBUFS, or the number of bytes queued. `is_now`: all or nothing, 0 or -errno. */
int64_t connection_send(struct connection *connection, uint16_t kind, uint64_t call_id, const struct js_parts *parts,
                        bool is_now);
/* The socket takes bytes again. */
void connection_flush(struct connection *connection);

#endif
