#include "entrance.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io.h"
#include "js.h"

#define DOORS_PER_WAKE_MAX 16
#define DOOR_FDS 2 /* the listening socket, and what ends with its namespace */

struct entrance {
  struct object object;
  uv_handle_t *poll;
  int fd;
  napi_ref on_door, on_closed;
};

static void entrance_close(struct object *object)
{
  struct entrance *entrance = (struct entrance *)object;
  if (!object->is_open) return;
  poll_close(&entrance->poll);
  close(entrance->fd);
  napi_delete_reference(object->module->env, entrance->on_door);
  napi_delete_reference(object->module->env, entrance->on_closed);
  object_closed(object);
}

static void entrance_dispose(struct object *object)
{
  free(object);
}

static void tell(struct entrance *entrance, napi_ref handler, size_t argc, const int *numbers)
{
  napi_env env = entrance->object.module->env;
  napi_handle_scope scope;
  napi_value function, argv[DOOR_FDS];
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  for (size_t i = 0; i < argc; i++) argv[i] = js_number(env, numbers[i]);
  if (napi_get_reference_value(env, handler, &function) == napi_ok)
    js_call(env, object_value(&entrance->object), function, argc, argv);
  napi_close_handle_scope(env, scope);
}

/* Nobody can send a door any more, or what came is none: then who sends cannot be our launcher. */
static void finish(struct entrance *entrance)
{
  uv_poll_stop(entrance->poll);
  tell(entrance, entrance->on_closed, 0, NULL);
}

static void on_readable(uv_handle_t *handle, int status, int events)
{
  (void)events;
  struct entrance *entrance = uv_handle_get_data(handle);
  for (int i = 0; i < DOORS_PER_WAKE_MAX && entrance->object.is_open; i++) {
    char byte;
    int fds[DOOR_FDS];
    size_t count = 0;
    ssize_t got = status < 0 ? status : receive_with_fds(entrance->fd, &byte, 1, fds, DOOR_FDS, &count, MSG_DONTWAIT);
    if (got == -EAGAIN) return;
    if (got == 1 && count == DOOR_FDS) {
      tell(entrance, entrance->on_door, count, fds);
      continue;
    }
    while (count > 0) close(fds[--count]);
    finish(entrance);
    return;
  }
}

napi_value entrance_pair(napi_env env, napi_callback_info info)
{
  (void)info;
  int ends[2];
  napi_value pair;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
    return js_throw_errno(env, -errno, "socketpair", NULL);
  if (napi_create_array_with_length(env, 2, &pair) != napi_ok) return NULL;
  for (uint32_t i = 0; i < 2; i++) napi_set_element(env, pair, i, js_number(env, ends[i]));
  return pair;
}

napi_value entrance_open(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int fd;
  if (!js_get_args(env, info, 3, &args) || !js_int(env, args.values[0], "fd", 0, INT32_MAX, &fd)) return NULL;
  if (!js_function(env, args.values[1], "onDoor") || !js_function(env, args.values[2], "onClosed")) return NULL;
  struct entrance *entrance = calloc(1, sizeof *entrance);
  if (entrance == NULL) return js_throw_errno(env, -ENOMEM, "calloc", NULL);
  entrance->object.close = entrance_close;
  entrance->object.dispose = entrance_dispose;
  napi_value wrapper = object_wrap(module_of(env), CLASS_ENTRANCE, &entrance->object);
  if (wrapper == NULL) return NULL;
  entrance->fd = fd;
  napi_create_reference(env, args.values[1], 1, &entrance->on_door);
  napi_create_reference(env, args.values[2], 1, &entrance->on_closed);
  entrance->poll = poll_open(&entrance->object, fd);
  if (entrance->poll != NULL && uv_poll_start(entrance->poll, UV_READABLE, on_readable) == 0) return wrapper;
  entrance_close(&entrance->object);
  return js_throw_errno(env, -EBADF, "uv_poll_init", NULL);
}

static napi_value method_close(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct object *object = js_get_self(env, info, CLASS_ENTRANCE, 0, &args);
  if (object != NULL) entrance_close(object);
  return NULL;
}

bool entrance_define_class(struct module *module)
{
  const napi_property_descriptor methods[] = { JS_METHOD("close", method_close) };
  return object_define_class(module, CLASS_ENTRANCE, "Entrance", methods, 1);
}
