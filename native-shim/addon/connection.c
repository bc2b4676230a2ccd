#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "switchboard.h"

static struct connection *self_of(napi_env env, napi_callback_info info, size_t count_min, struct js_args *args)
{
  return (struct connection *)js_get_self(env, info, CLASS_CONNECTION, count_min, args);
}

bool connection_is_reading(const struct connection *connection)
{
  return connection->object.is_open && !connection->is_paused && !connection->is_ending && connection->failure == 0 &&
         connection->events.receiver != NULL;
}

static void on_poll(uv_handle_t *handle, int status, int events)
{
  struct connection *connection = uv_handle_get_data(handle);
  if (status < 0) connection->watched = 0; /* libuv has stopped the handle */
  if (connection->is_waiting) {
    listener_look_again(connection);
    return;
  }
  if (connection->switched != NULL) {
    if (status < 0) switchboard_hand_over(connection->switched);
    else switchboard_reads(connection->switched);
  }
  if (!connection->object.is_open || connection->switched != NULL) return;
  if (status < 0) { /* POLLERR: the peer has closed without reading all; nobody is left to be told anything */
    connection_fail(connection, 0);
    return;
  }
  if (events & UV_WRITABLE) connection_flush(connection);
  if (!connection->object.is_open) return;
  if (connection_is_reading(connection)) connection_read(connection); /* finds the end of the stream by itself */
  else if (events & UV_DISCONNECT) connection_fail(connection, 0);
}

/* False: no handle could be made; the connection fails in the next turn. */
static bool has_poll(struct connection *connection)
{
  if (connection->poll == NULL) connection->poll = poll_open(&connection->object, connection->fd);
  if (connection->poll != NULL) return true;
  connection->failure = ENOMEM;
  later_schedule(connection->object.module, &connection->later);
  return false;
}

void connection_watch(struct connection *connection)
{
  int wanted = 0;
  bool is_silent = connection->is_waiting || connection->switched != NULL; /* unknown to JavaScript */
  if (connection_is_reading(connection) || is_silent) wanted |= UV_READABLE;
  if (buffer_length(&connection->out) > 0) wanted |= UV_WRITABLE;
  /* Also while reading is paused: a closed connection cancels its task. Not while ending: a peer that only stopped
   * sending still gets the rest. */
  if ((connection->events.receiver != NULL && !connection->is_ending) || is_silent) wanted |= UV_DISCONNECT;
  /* Only now: many a first call is answered before anything need be watched. */
  if (wanted == connection->watched || !has_poll(connection)) return;
  connection->watched = wanted;
  if (wanted == 0) uv_poll_stop(connection->poll);
  else uv_poll_start(connection->poll, wanted, on_poll);
}

static void close_object(struct object *object)
{
  struct connection *connection = (struct connection *)object;
  if (!object->is_open) return;
  if (connection->is_waiting) listener_forget_waiting(connection);
  if (connection->switched != NULL) switchboard_abandon(connection->switched);
  poll_close(&connection->poll);
  close(connection->fd);
  if (connection->received_fd >= 0) close(connection->received_fd);
  lookout_forget(object->module, &connection->awaited);
  later_cancel(object->module, &connection->later);
  sink_clear(object->module->env, &connection->events);
  connection_free_input(connection);
  buffer_free(&connection->out);
  connection->listener->connection_count--;
  object_closed(object);
  object_release(&connection->listener->object);
  object_release(object);
}

void connection_close(struct connection *connection)
{
  close_object(&connection->object);
}

static void dispose(struct object *object)
{
  free(object);
}

void connection_fail(struct connection *connection, int errnum)
{
  napi_env env = connection->object.module->env;
  struct sink events = connection->events;
  connection->events = (struct sink){ 0 };
  bool is_told = !connection->is_ending;
  connection_close(connection);
  if (is_told) sink_call_closed(env, &events, ON_CONNECTION_CLOSED, errnum);
  sink_clear(env, &events);
}

static void on_later(void *owner)
{
  struct connection *connection = owner;
  if (connection->switched != NULL) switchboard_hand_over(connection->switched);
  if (!connection->object.is_open) return;
  if (connection->failure != 0) connection_fail(connection, connection->failure);
  else connection_read(connection);
}

struct connection *connection_open(struct listener *listener, int fd)
{
  struct connection *connection = calloc(1, sizeof *connection);
  if (connection == NULL) {
    close(fd);
    return NULL;
  }
  struct object *object = &connection->object;
  object->close = close_object;
  object->dispose = dispose;
  object->holders = 1; /* itself, while open */
  object_open(listener->object.module, object);
  connection->listener = listener;
  listener->object.holders++;
  listener->connection_count++;
  connection->fd = fd;
  connection->received_fd = -1;
  connection->later = (struct later){ .run = on_later, .owner = connection };
  return connection;
}

napi_value connection_wrapper(struct connection *connection)
{
  struct object *object = &connection->object;
  if (object->wrapper != NULL) return object_value(object);
  napi_value wrapper = object_wrap(object->module, CLASS_CONNECTION, object);
  if (wrapper == NULL) {
    connection_close(connection);
    return NULL;
  }
  napi_set_named_property(object->module->env, wrapper, "peer", identity_value(object->module->env, &connection->peer));
  return wrapper;
}

/* ---- Methods ---------------------------------------------------------------------------------------------------- */

static napi_value set_events(napi_env env, napi_callback_info info)
{
  static const char *const names[SINK_EVENTS] = { "onFrame", "onClosed", "onDrained", NULL };
  struct js_args args;
  struct connection *connection = self_of(env, info, 1, &args);
  if (connection == NULL || !connection->object.is_open) return NULL;
  if (sink_set(env, &connection->events, args.values[0], names)) connection_watch(connection);
  return NULL;
}

static napi_value send_frame(napi_env env, napi_callback_info info, bool is_now)
{
  struct js_args args;
  struct js_parts parts;
  int64_t kind, call_id;
  struct connection *connection = self_of(env, info, 2, &args);
  if (connection == NULL) return NULL;
  if (!js_integer(env, args.values[0], "kind", 0, UINT16_MAX, &kind)) return NULL;
  if (!js_integer(env, args.values[1], "callId", 0, JS_INTEGER_MAX, &call_id)) return NULL;
  if (!js_parts(&args, 2, &parts)) return NULL;
  return js_number(env, (double)connection_send(connection, (uint16_t)kind, (uint64_t)call_id, &parts, is_now));
}

static napi_value method_send(napi_env env, napi_callback_info info)
{
  return send_frame(env, info, false);
}

static napi_value method_send_now(napi_env env, napi_callback_info info)
{
  return send_frame(env, info, true);
}

static napi_value pause_reading(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct connection *connection = self_of(env, info, 0, &args);
  if (connection == NULL || !connection->object.is_open) return NULL;
  connection->is_paused = true;
  connection_watch(connection);
  return NULL;
}

static napi_value resume_reading(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct connection *connection = self_of(env, info, 0, &args);
  if (connection == NULL || !connection->object.is_open || !connection->is_paused) return NULL;
  connection->is_paused = false;
  /* Whole frames may lie in the buffer already, of which the poll handle knows nothing. */
  later_schedule(connection->object.module, &connection->later);
  return NULL;
}

static napi_value await_frame(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct connection *connection = self_of(env, info, 0, &args);
  if (connection != NULL && connection_is_reading(connection))
    lookout_await(connection->object.module, &connection->awaited);
  return NULL;
}

static napi_value end(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct connection *connection = self_of(env, info, 0, &args);
  if (connection == NULL || !connection->object.is_open) return NULL;
  if (buffer_length(&connection->out) == 0) {
    connection_close(connection);
    return NULL;
  }
  connection->is_ending = true;
  connection_watch(connection);
  return NULL;
}

static napi_value destroy(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct connection *connection = self_of(env, info, 0, &args);
  if (connection != NULL) connection_close(connection);
  return NULL;
}

bool connection_define_class(struct module *module)
{
  const napi_property_descriptor methods[] = {
    JS_METHOD("setEvents", set_events),      JS_METHOD("send", method_send),
    JS_METHOD("sendNow", method_send_now),   JS_METHOD("pauseReading", pause_reading),
    JS_METHOD("resumeReading", resume_reading), JS_METHOD("awaitFrame", await_frame),
    JS_METHOD("end", end),                   JS_METHOD("destroy", destroy),
  };
  return object_define_class(module, CLASS_CONNECTION, "Connection", methods, sizeof methods / sizeof methods[0]);
}
