#include "module.h"

#include <stdlib.h>

#include "channel.h"
#include "connection.h"
#include "entrance.h"
#include "layout.h"
#include "listener.h"
#include "process.h"
#include "service.h"
#include "switchboard.h"
#include "wire.h"

struct module *module_of(napi_env env)
{
  void *module = NULL;
  napi_get_instance_data(env, &module);
  return module;
}

static void on_idle_closed(uv_handle_t *idle)
{
  free(idle);
}

/* The end of the environment (process exit, or of a worker thread): sockets close, and no callback comes any more. */
static void close_everything(void *data)
{
  struct module *module = data;
  if (module->switchboard != NULL) module->switchboard->object.close(&module->switchboard->object); /* tells nobody now */
  while (module->open_objects != NULL) module->open_objects->close(module->open_objects);
  uv_close(module->idle, on_idle_closed);
  lookout_close(module);
}

static void free_module(napi_env env, void *data, void *hint)
{
  (void)env;
  (void)hint;
  free(data);
}

/* NULL where the environment refuses. */
static struct module *open_module(napi_env env)
{
  struct uv_loop_s *loop;
  struct module *module = calloc(1, sizeof *module);
  if (module == NULL) return NULL;
  module->env = env;
  module->later_last = &module->later_first;
  module->idle = malloc(uv_handle_size(UV_IDLE));
  if (module->idle == NULL || napi_get_uv_event_loop(env, &loop) != napi_ok ||
      napi_set_instance_data(env, module, free_module, NULL) != napi_ok) {
    free(module->idle);
    free(module);
    return NULL;
  }
  module->loop = loop;
  uv_idle_init(loop, module->idle);
  uv_handle_set_data(module->idle, module);
  napi_add_env_cleanup_hook(env, close_everything, module);
  return lookout_open(module) ? module : NULL;
}

static bool define_exports(napi_env env, napi_value exports)
{
  napi_value wire_version;
  if (napi_create_uint32(env, WIRE_VERSION, &wire_version) != napi_ok) return false;
  const napi_property_descriptor properties[] = {
    { .utf8name = "wireVersion", .value = wire_version, .attributes = napi_enumerable },
    JS_METHOD("layout", layout_object),
    JS_METHOD("listen", listener_listen),
    JS_METHOD("listenOn", listener_listen_on),
    JS_METHOD("closeOnExec", process_close_on_exec),
    JS_METHOD("selfIdentity", listener_self_identity),
    JS_METHOD("createChannel", channel_create),
    JS_METHOD("openSwitchboard", switchboard_open),
    JS_METHOD("entrancePair", entrance_pair),
    JS_METHOD("openEntrance", entrance_open),
    JS_METHOD("spawn", process_spawn),
    JS_METHOD("reap", process_reap),
    JS_METHOD("kill", process_kill),
    JS_METHOD("lock", process_lock),
    JS_METHOD("setSubreaper", process_set_subreaper),
    JS_METHOD("setDumpable", process_set_dumpable),
    JS_METHOD("children", process_children),
    JS_METHOD("leave", process_leave),
    JS_METHOD("closeFd", process_close_fd),
    JS_METHOD("notify", service_notify),
    JS_METHOD("listeningPath", service_listening_path),
    JS_METHOD("corruptRing", channel_corrupt_ring),
  };
  return napi_define_properties(env, exports, sizeof properties / sizeof properties[0], properties) == napi_ok;
}

NAPI_MODULE_INIT()
{
  if (!uv_min_matches()) {
    napi_throw_error(env, "ERR_HOOK_SUPERVISOR_LIBUV", "this Node has another libuv than the addon was written for");
    return NULL;
  }
  struct module *module = open_module(env);
  if (module == NULL || !listener_define_class(module) || !connection_define_class(module) ||
      !channel_define_class(module) || !switchboard_define_class(module) || !entrance_define_class(module) ||
      !define_exports(env, exports)) {
    napi_throw_error(env, NULL, "the addon could not be initialised");
    return NULL;
  }
  return exports;
}
