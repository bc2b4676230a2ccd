/* Between JavaScript values and C: arguments that are checked, errors that carry a code, events that are called. */
#ifndef HOOK_SUPERVISOR_JS_H
#define HOOK_SUPERVISOR_JS_H

#include "module.h"
#include "ring.h"

/* Arguments of one native function. Each js_ function that answers false or NULL has thrown a TypeError. */
#define JS_ARGS_MAX 16
struct js_args {
  napi_env env;
  napi_value self;
  size_t count;
  napi_value values[JS_ARGS_MAX];
};

bool js_get_args(napi_env env, napi_callback_info info, size_t count_min, struct js_args *args);
/* js_get_args for a method: the object behind `this`, or NULL with a TypeError thrown. */
struct object *js_get_self(napi_env env, napi_callback_info info, enum class_id id, size_t count_min,
                           struct js_args *args);

#define JS_INTEGER_MAX 9007199254740991 /* Number.MAX_SAFE_INTEGER */
#define JS_METHOD(method_name, function) { .utf8name = method_name, .method = function, .attributes = napi_default_method }

bool js_integer(napi_env env, napi_value value, const char *name, int64_t min, int64_t max, int64_t *out);
bool js_int(napi_env env, napi_value value, const char *name, int64_t min, int64_t max, int *out);
/* Malloced, NUL-terminated, no NUL inside: what the kernel gets must be all that was checked. */
char *js_string(napi_env env, napi_value value, const char *name, bool is_latin1);
bool js_function(napi_env env, napi_value value, const char *name);

/* The Uint8Array arguments from `first` on; the bytes are borrowed for the call. */
#define JS_PARTS_MAX 8
struct js_parts {
  struct ring_part parts[JS_PARTS_MAX];
  size_t count;
  size_t total_bytes;
};
bool js_parts(const struct js_args *args, size_t first, struct js_parts *out);

napi_value js_number(napi_env env, double number);
napi_value js_undefined(napi_env env);
void js_set_number(napi_env env, napi_value object, const char *name, double number);
void js_set_string(napi_env env, napi_value object, const char *name, const char *text);

/* status is -errno; path may be NULL. Returns NULL for `return js_throw_errno(...)`. */
napi_value js_throw_errno(napi_env env, int status, const char *syscall, const char *path);
void js_throw_type(napi_env env, const char *name, const char *expected);

/* Calls into JavaScript from the loop. An exception goes where one from a timer would: 'uncaughtException'. */
void js_call(napi_env env, napi_value receiver, napi_value function, size_t argc, const napi_value *argv);

/* The handlers that JavaScript gave to setEvents, with the object they are methods of. */
#define SINK_EVENTS 4
struct sink {
  napi_ref receiver; /* NULL: not set */
  napi_ref functions[SINK_EVENTS];
};
/* `names`: NULL where there is no such event. */
bool sink_set(napi_env env, struct sink *sink, napi_value events, const char *const names[SINK_EVENTS]);
void sink_clear(napi_env env, struct sink *sink);
void sink_call(napi_env env, const struct sink *sink, int event, size_t argc, const napi_value *argv);
/* onClosed(errnum), the last event of every sink. */
void sink_call_closed(napi_env env, const struct sink *sink, int event, int errnum);

#endif
