#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchboard.h"

static struct switchboard *self_of(napi_env env, napi_callback_info info, size_t count_min, struct js_args *args)
{
  return (struct switchboard *)js_get_self(env, info, CLASS_SWITCHBOARD, count_min, args);
}

static void release_token(void *owner, void *token)
{
  struct switchboard *board = owner;
  napi_delete_reference(board->env, token);
}

/* Calls that run are handed over by their channels (settle), or close with their connections. */
static void switchboard_close(struct object *object)
{
  struct switchboard *board = (struct switchboard *)object;
  struct module *module = object->module;
  if (!object->is_open) return;
  route_forget(&board->routes, NULL);
  napi_delete_reference(module->env, board->on_taken_over);
  board->on_taken_over = NULL;
  module->switchboard = NULL;
  object_closed(object);
}

static void switchboard_dispose(struct object *object)
{
  struct switchboard *board = (struct switchboard *)object;
  free(board->workers_path);
  free(board);
}

napi_value switchboard_open(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct module *module = module_of(env);
  if (!js_get_args(env, info, 2, &args) || !js_function(env, args.values[1], "onTakenOver")) return NULL;
  if (module->switchboard != NULL) return js_throw_errno(env, -EEXIST, "openSwitchboard", NULL);
  char *workers_path = js_string(env, args.values[0], "workersPath", false);
  if (workers_path == NULL) return NULL;
  struct switchboard *board = calloc(1, sizeof *board);
  if (board == NULL) {
    free(workers_path);
    return js_throw_errno(env, -ENOMEM, "openSwitchboard", NULL);
  }
  board->object.close = switchboard_close;
  board->object.dispose = switchboard_dispose;
  board->workers_path = workers_path;
  napi_value wrapper = object_wrap(module, CLASS_SWITCHBOARD, &board->object);
  if (wrapper == NULL) return NULL;
  board->env = env;
  identity_of_self(&board->self);
  board->routes.release = release_token;
  board->routes.owner = board;
  board->last_id = 1;
  napi_create_reference(env, args.values[1], 1, &board->on_taken_over);
  module->switchboard = board;
  return wrapper;
}

/* ---- Methods ------------------------------------------------------------------------------------------------------- */

static napi_value method_attach(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct switchboard *board = self_of(env, info, 1, &args);
  if (board == NULL) return NULL;
  struct object *listener = object_unwrap(env, args.values[0], CLASS_LISTENER);
  if (listener == NULL) js_throw_type(env, "listener", "a listener");
  else board->listener = (struct listener *)listener;
  return NULL;
}

static napi_value method_learn(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct js_parts parts;
  napi_ref token;
  struct switchboard *board = self_of(env, info, 5, &args);
  if (board == NULL) return NULL;
  struct object *channel = object_unwrap(env, args.values[0], CLASS_CHANNEL);
  if (channel == NULL) js_throw_type(env, "channel", "a channel");
  if (channel == NULL || !js_parts(&args, 2, &parts)) return NULL;
  if (!board->object.is_open || !channel->is_open) return js_number(env, -EPIPE);
  if (napi_create_reference(env, args.values[1], 1, &token) != napi_ok) return NULL;
  struct route_lesson lesson = {
    .call = parts.parts[0].bytes, .call_bytes = parts.parts[0].length,
    .start = parts.parts[1].bytes, .start_bytes = parts.parts[1].length,
    .stamps = parts.parts[2].bytes, .stamps_bytes = parts.parts[2].length,
    .channel = channel, .token = token,
  };
  int status = route_learn(&board->routes, &lesson);
  if (status < 0) napi_delete_reference(env, token);
  return js_number(env, status);
}

static napi_value method_knows(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct js_parts parts;
  napi_value answer = NULL;
  struct switchboard *board = self_of(env, info, 1, &args);
  if (board == NULL || !js_parts(&args, 0, &parts)) return NULL;
  bool is_known = board->object.is_open && route_find(&board->routes, parts.parts[0].bytes, parts.parts[0].length) != NULL;
  napi_get_boolean(env, is_known, &answer);
  return answer;
}

static napi_value method_forget(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct switchboard *board = self_of(env, info, 0, &args);
  if (board != NULL && board->object.is_open) route_forget(&board->routes, NULL);
  return NULL;
}

static napi_value method_close(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct switchboard *board = self_of(env, info, 0, &args);
  if (board != NULL) switchboard_close(&board->object);
  return NULL;
}

bool switchboard_define_class(struct module *module)
{
  const napi_property_descriptor methods[] = {
    JS_METHOD("attach", method_attach),
    JS_METHOD("learn", method_learn),
    JS_METHOD("knows", method_knows),
    JS_METHOD("forget", method_forget),
    JS_METHOD("close", method_close),
  };
  return object_define_class(module, CLASS_SWITCHBOARD, "Switchboard", methods, sizeof methods / sizeof methods[0]);
}
