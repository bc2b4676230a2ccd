/* The worker's end for Node: messages as they come by the loop, each a string. One channel for each process. */
#include <errno.h>
#include <node_api.h>
#include <stdlib.h>

#include "peer.h"
#include "uv_min.h"

#define MESSAGES_PER_TURN_MAX 256 /* then timers and the rest of the loop have theirs */
#define TEXT_STACK_BYTES 4096

static struct peer peer;
static uv_handle_t *poll_handle, *idle_handle;
static napi_env environment;
static napi_ref on_message, on_closed; /* NULL: not attached, or closed */

static void on_idle(uv_handle_t *handle);

static void call(napi_ref function_ref, size_t count, const napi_value *args)
{
  napi_value function, receiver, result, error;
  if (napi_get_reference_value(environment, function_ref, &function) != napi_ok) return;
  if (napi_get_global(environment, &receiver) != napi_ok) return;
  /* It also runs the microtasks that the call leaves behind: an answer that is there goes out at once. */
  if (napi_make_callback(environment, NULL, receiver, function, count, args, &result) != napi_pending_exception) return;
  if (napi_get_and_clear_last_exception(environment, &error) == napi_ok) napi_fatal_exception(environment, error);
}

static void fail(int status)
{
  napi_value errnum;
  if (on_message == NULL) return;
  uv_poll_stop(poll_handle);
  uv_idle_stop(idle_handle);
  on_message = NULL;
  if (napi_create_int32(environment, -status, &errnum) == napi_ok) call(on_closed, 1, &errnum);
}

static int tell(const struct peer_message *message)
{
  napi_handle_scope scope;
  napi_value args[3];
  if (napi_open_handle_scope(environment, &scope) != napi_ok) return -ENOMEM;
  int is_told = napi_create_uint32(environment, message->kind, &args[0]) == napi_ok &&
                napi_create_double(environment, (double)message->call_id, &args[1]) == napi_ok &&
                napi_create_string_utf8(environment, (const char *)message->bytes, message->length, &args[2]) ==
                  napi_ok;
  if (is_told) call(on_message, 3, args);
  napi_close_handle_scope(environment, scope);
  return is_told ? 1 : -ENOMEM;
}

/* Bounded: timers and the rest of the loop have their turn in between. */
static void take_messages(void)
{
  struct peer_message message;
  for (int left = MESSAGES_PER_TURN_MAX; on_message != NULL && left > 0; left--) {
    int status = peer_next(&peer, &message);
    if (status == 1) status = tell(&message);
    if (status < 0) fail(status);
    if (status == 0 && !peer_arm(&peer)) {
      uv_idle_stop(idle_handle);
      return;
    }
  }
  if (on_message != NULL) uv_idle_start(idle_handle, on_idle);
}

static void turn(int status)
{
  napi_handle_scope scope;
  if (napi_open_handle_scope(environment, &scope) != napi_ok) return;
  if (status < 0) fail(status);
  take_messages();
  napi_close_handle_scope(environment, scope);
}

static void on_idle(uv_handle_t *handle)
{
  (void)handle;
  turn(0);
}

static void on_socket(uv_handle_t *handle, int status, int events)
{
  (void)handle, (void)status, (void)events;
  turn(peer_drain(&peer));
}

static int integers(napi_env env, const napi_value *args, size_t count, int64_t *out)
{
  for (size_t i = 0; i < count; i++)
    if (napi_get_value_int64(env, args[i], &out[i]) != napi_ok) return 0;
  return 1;
}

static int start(napi_env env, const int64_t *numbers)
{
  struct uv_loop_s *loop;
  int status = peer_attach(&peer, (int)numbers[0], (int)numbers[1], (uint32_t)numbers[2], (uint64_t)numbers[3]);
  if (status < 0) return status;
  poll_handle = malloc(uv_handle_size(UV_POLL));
  idle_handle = malloc(uv_handle_size(UV_IDLE));
  if (poll_handle == NULL || idle_handle == NULL || napi_get_uv_event_loop(env, &loop) != napi_ok) return -ENOMEM;
  status = uv_poll_init(loop, poll_handle, peer.socket_fd);
  if (status == 0) status = uv_idle_init(loop, idle_handle);
  if (status == 0) status = uv_poll_start(poll_handle, UV_READABLE, on_socket);
  return status == 0 ? uv_idle_start(idle_handle, on_idle) : status; /* the first look arms the ring */
}

static napi_value number(napi_env env, int value)
{
  napi_value result;
  return napi_create_int32(env, value, &result) == napi_ok ? result : NULL;
}

/* attach(ringFd, socketFd, ringBytes, generation, onMessage(kind, callId, text), onClosed(errno)): 0 or -errno. */
static napi_value attach(napi_env env, napi_callback_info info)
{
  napi_value args[6];
  size_t count = 6;
  int64_t numbers[4];
  if (napi_get_cb_info(env, info, &count, args, NULL, NULL) != napi_ok || count < 6) return number(env, -EINVAL);
  if (on_message != NULL || !uv_min_matches() || !integers(env, args, 4, numbers)) return number(env, -EINVAL);
  environment = env;
  if (napi_create_reference(env, args[4], 1, &on_message) != napi_ok) return number(env, -EINVAL);
  if (napi_create_reference(env, args[5], 1, &on_closed) != napi_ok) return number(env, -EINVAL);
  return number(env, start(env, numbers));
}

/* send(kind, callId, text): 0 or -errno. */
static napi_value send_message(napi_env env, napi_callback_info info)
{
  napi_value args[3];
  size_t count = 3, length;
  int64_t numbers[2];
  char few[TEXT_STACK_BYTES], *text = few;
  if (napi_get_cb_info(env, info, &count, args, NULL, NULL) != napi_ok || count < 3) return number(env, -EINVAL);
  if (on_message == NULL) return number(env, -EPIPE);
  if (!integers(env, args, 2, numbers)) return number(env, -EINVAL);
  if (napi_get_value_string_utf8(env, args[2], NULL, 0, &length) != napi_ok) return number(env, -EINVAL);
  if (length >= sizeof few && (text = malloc(length + 1)) == NULL) return number(env, -ENOMEM);
  int status = napi_get_value_string_utf8(env, args[2], text, length + 1, &length) == napi_ok ? 0 : -EINVAL;
  if (status == 0) status = peer_send(&peer, (uint16_t)numbers[0], (uint64_t)numbers[1], text, length);
  if (text != few) free(text);
  if (status == 1) uv_idle_start(idle_handle, on_idle); /* what those doorbells were for is still to be read */
  return number(env, status < 0 ? status : 0);
}

/* mark(number): what it is at, for the daemon to find should it die of it. */
static napi_value mark(napi_env env, napi_callback_info info)
{
  napi_value arg;
  size_t count = 1;
  int64_t number;
  if (napi_get_cb_info(env, info, &count, &arg, NULL, NULL) != napi_ok || on_message == NULL) return NULL;
  if (integers(env, &arg, 1, &number)) ring_mark(&peer.out, (uint64_t)number);
  return NULL;
}

NAPI_MODULE_INIT()
{
  const napi_property_descriptor properties[] = {
    { .utf8name = "attach", .method = attach, .attributes = napi_default },
    { .utf8name = "send", .method = send_message, .attributes = napi_default },
    { .utf8name = "mark", .method = mark, .attributes = napi_default },
  };
  napi_status status = napi_define_properties(env, exports, sizeof properties / sizeof properties[0], properties);
  return status == napi_ok ? exports : NULL;
}
