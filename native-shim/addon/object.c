#include <stdlib.h>

#include "module.h"

/* One tag per class. Random, so that no other addon's object is taken for ours. */
static const napi_type_tag tags[CLASS_COUNT] = {
  [CLASS_LISTENER] = { 0x3c7f0c1d5ab94e02ull, 0x9d2be1a8047c6f31ull },
  [CLASS_CONNECTION] = { 0x71a2d95e0f4b4c66ull, 0x8e5093bfd21ac7e4ull },
  [CLASS_SWITCHBOARD] = { 0x5d90c7a2e41b38f6ull, 0xa6137be2904cd85bull },
  [CLASS_ENTRANCE] = { 0x0ab5e97d41c832f7ull, 0xc46f1d3b79e0528aull },
  [CLASS_CHANNEL] = { 0xe8460b7713dc4f9aull, 0xb1f7245c9a680d53ull },
};

void object_release(struct object *object)
{
  if (--object->holders == 0) object->dispose(object);
}

static void on_wrapper_collected(napi_env env, void *data, void *hint)
{
  (void)env;
  (void)hint;
  object_release(data);
}

/* `new` from JavaScript gives an object without anything behind it, which object_unwrap refuses. */
static napi_value constructor(napi_env env, napi_callback_info info)
{
  napi_value self = NULL;
  napi_get_cb_info(env, info, NULL, NULL, &self, NULL);
  return self;
}

bool object_define_class(struct module *module, enum class_id id, const char *name,
                         const napi_property_descriptor *methods, size_t method_count)
{
  napi_value class_value;
  return napi_define_class(module->env, name, NAPI_AUTO_LENGTH, constructor, NULL, method_count, methods,
                           &class_value) == napi_ok &&
         napi_create_reference(module->env, class_value, 1, &module->classes[id]) == napi_ok;
}

void object_open(struct module *module, struct object *object)
{
  object->module = module;
  object->is_open = true;
  object->previous = NULL;
  object->next = module->open_objects;
  if (object->next != NULL) object->next->previous = object;
  module->open_objects = object;
}

napi_value object_wrap(struct module *module, enum class_id id, struct object *object)
{
  napi_env env = module->env;
  napi_value class_value, wrapper;
  object->holders++;
  if (napi_get_reference_value(env, module->classes[id], &class_value) != napi_ok ||
      napi_new_instance(env, class_value, 0, NULL, &wrapper) != napi_ok ||
      napi_type_tag_object(env, wrapper, &tags[id]) != napi_ok ||
      napi_wrap(env, wrapper, object, on_wrapper_collected, NULL, NULL) != napi_ok) {
    object_release(object);
    return NULL;
  }
  if (napi_create_reference(env, wrapper, 1, &object->wrapper) != napi_ok) return NULL; /* collected: released then */
  if (!object->is_open) object_open(module, object);
  return wrapper;
}

napi_value object_value(struct object *object)
{
  napi_value value = NULL;
  napi_get_reference_value(object->module->env, object->wrapper, &value);
  return value;
}

struct object *object_unwrap(napi_env env, napi_value value, enum class_id id)
{
  napi_valuetype type;
  bool is_ours = false;
  void *object = NULL;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_object) return NULL;
  if (napi_check_object_type_tag(env, value, &tags[id], &is_ours) != napi_ok || !is_ours) return NULL;
  return napi_unwrap(env, value, &object) == napi_ok ? object : NULL;
}

void object_closed(struct object *object)
{
  struct module *module = object->module;
  object->is_open = false;
  if (object->previous != NULL) object->previous->next = object->next;
  else module->open_objects = object->next;
  if (object->next != NULL) object->next->previous = object->previous;
  if (object->wrapper != NULL) napi_delete_reference(module->env, object->wrapper);
  object->wrapper = NULL;
}

static void on_handle_closed(uv_handle_t *handle)
{
  struct object *object = uv_handle_get_data(handle);
  free(handle);
  object_release(object); /* possibly after the environment: no JavaScript from here */
}

static uv_handle_t *hold(struct object *object, uv_handle_t *handle, int status)
{
  if (status != 0) {
    free(handle);
    return NULL;
  }
  uv_handle_set_data(handle, object);
  object->holders++;
  return handle;
}

static void close_handle(uv_handle_t **handle)
{
  if (*handle == NULL) return;
  uv_close(*handle, on_handle_closed);
  *handle = NULL;
}

uv_handle_t *poll_open(struct object *object, int fd)
{
  uv_handle_t *handle = malloc(uv_handle_size(UV_POLL));
  return handle == NULL ? NULL : hold(object, handle, uv_poll_init(object->module->loop, handle, fd));
}

void poll_close(uv_handle_t **handle)
{
  close_handle(handle);
}

uv_handle_t *timer_open(struct object *object)
{
  uv_handle_t *handle = malloc(uv_handle_size(UV_TIMER));
  if (handle == NULL) return NULL;
  int status = uv_timer_init(object->module->loop, handle);
  if (status == 0) uv_unref(handle);
  return hold(object, handle, status);
}

void timer_close(uv_handle_t **handle)
{
  close_handle(handle);
}
