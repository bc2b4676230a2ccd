/* The state of the addon in one JavaScript environment (main thread or worker), and what its objects share. */
#ifndef HOOK_SUPERVISOR_MODULE_H
#define HOOK_SUPERVISOR_MODULE_H

#define NAPI_VERSION 9
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>

#include "lookout.h"
#include "uv_min.h"

enum class_id { CLASS_LISTENER, CLASS_CONNECTION, CLASS_CHANNEL, CLASS_SWITCHBOARD, CLASS_ENTRANCE, CLASS_COUNT };

/* Listener, connection, channel, switchboard and entrance begin with this. The memory lives until the last holder lets go: the JavaScript
 * wrapper, each open libuv handle, and for a listener each of its connections. */
struct object {
  struct module *module; /* valid while open only */
  struct object *next;   /* list of the open objects, for the end of the environment */
  struct object *previous;
  void (*close)(struct object *object);   /* ends all activity at once; may be called again */
  void (*dispose)(struct object *object); /* frees what is left; no JavaScript any more */
  napi_ref wrapper; /* strong while open: an open socket is not collected */
  int holders;
  bool is_open;
};

/* Work to be done in the next turn of the loop, so that nothing starves it and nothing re-enters JavaScript. */
struct later {
  struct later *next;
  void (*run)(void *owner);
  void *owner;
  bool is_queued;
};

struct module {
  napi_env env;
  uv_loop_t *loop;
  napi_ref classes[CLASS_COUNT];
  struct object *open_objects;
  uv_handle_t *idle;
  struct later *later_first;
  struct later **later_last;
  struct lookout lookout;
  struct switchboard *switchboard; /* NULL: every call goes to JavaScript */
};

struct module *module_of(napi_env env);

bool object_define_class(struct module *module, enum class_id id, const char *name,
                         const napi_property_descriptor *methods, size_t method_count);
/* Enters the list of the open objects. One that is not wrapped yet must have another holder. */
void object_open(struct module *module, struct object *object);
/* Makes the JavaScript object around a fresh object, whose memory it owns from here on, also on failure. NULL with a
 * pending exception on failure. */
napi_value object_wrap(struct module *module, enum class_id id, struct object *object);
napi_value object_value(struct object *object);
/* The object behind `value`, or NULL if it is not one of that class (a wrong `this` must never become a pointer). */
struct object *object_unwrap(napi_env env, napi_value value, enum class_id id);
/* For the close function of an object: leaves the list, drops the strong reference. */
void object_closed(struct object *object);
void object_release(struct object *object);

/* A poll handle on fd whose data is the object, which it holds until poll_close. NULL on failure. */
uv_handle_t *poll_open(struct object *object, int fd);
void poll_close(uv_handle_t **handle);
/* The same for a timer, which does not keep the process alive by itself. */
uv_handle_t *timer_open(struct object *object);
void timer_close(uv_handle_t **handle);

void later_schedule(struct module *module, struct later *later);
void later_cancel(struct module *module, struct later *later);

#endif
