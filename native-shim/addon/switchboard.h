/* The data plane: a call whose like has been planned before is started, its output passed on and its plain end told to
 * the client without entering JavaScript. As soon as anything is not plain (a signal, a reader that is gone, a full
 * socket, any other end), the call is handed over to JavaScript as it stands, which takes it from there. */
#ifndef HOOK_SUPERVISOR_SWITCHBOARD_H
#define HOOK_SUPERVISOR_SWITCHBOARD_H

#include "channel.h"
#include "connection.h"
#include "route.h"

/* A call in the switchboard's hands. Its CALL, and the stdin that followed, still lie in the connection's buffer: should
 * the order come to nothing, JavaScript gives all of it to another worker. */
struct switched_call {
  struct switchboard *board; /* held */
  struct connection *connection;
  struct channel *channel;
  struct switched_call *next; /* in the channel's list */
  struct route *route;
  uint64_t id;
  uint64_t received_ns;
  uint64_t ordinal; /* of START in the ring; 0: it could not be written */
  uint32_t slot;
  uint32_t generation;
  uint32_t call_bytes;
  size_t passed_bytes; /* of the connection's buffer: the CALL frame and the frames of stdin behind it */
  uint32_t stdin_bytes; /* given to the keeper: what came with the CALL, and those frames */
  bool is_stdin_over;
  bool is_explained; /* the client wants to know what JavaScript knows */
  uint32_t stdin_taken_bytes;
  uint32_t output_bytes; /* passed on and not yet credited to the keeper */
};

struct switchboard {
  struct object object;
  struct route_table routes;
  struct listener *listener; /* NULL until attach() */
  struct identity self;
  char *workers_path;
  napi_env env; /* also when closed, for the tokens of calls that still run */
  napi_ref on_taken_over; /* NULL once closed */
  uint64_t last_id;
};

/* What of a peer's identity makes no difference here; everything does without a switchboard. */
struct identity_skips switchboard_skips(const struct switchboard *board);
/* A connection that JavaScript does not know. Taken: its call has been started, and where that did not go plainly
 * JavaScript has it by now. Otherwise nothing has been done but reading. */
enum look { LOOK_TAKEN, LOOK_WAIT, LOOK_NOT_OURS };
enum look switchboard_looks_at(struct connection *connection);
/* What came as frames of its own, put together: a Buffer. NULL on failure. */
napi_value switchboard_later_stdin(napi_env env, const struct switched_call *call);
/* The frames behind those that were passed, as far as they are there. May hand the call over. */
void switchboard_passes_frames(struct switched_call *call);
/* More from the client of a switched call, or its end. */
void switchboard_reads(struct switched_call *call);
/* True: the record belonged to a switched call and is done with. */
bool switchboard_passes(struct channel *channel, const struct ring_record *record, const void *payload);
/* Gives one call to JavaScript; frees it. */
void switchboard_hand_over(struct switched_call *call);
/* The connection closes: the plain end of a call, or that of the whole addon. */
void switchboard_abandon(struct switched_call *call);
/* Tells JavaScript of the calls of a channel that have been answered without it. */
void switchboard_tell_ended(struct channel *channel);
/* Lets go of those that nobody has been told of. */
void switchboard_forget_ended(struct channel *channel);
/* Tells JavaScript all there is to tell of a channel: ended calls, and hands over those that run. */
void switchboard_settle(struct channel *channel);
/* The channel is at its end: its calls go to JavaScript, its routes are forgotten. */
void switchboard_leave_channel(struct channel *channel);

napi_value switchboard_open(napi_env env, napi_callback_info info);
bool switchboard_define_class(struct module *module);

#endif
