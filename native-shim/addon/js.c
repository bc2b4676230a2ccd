#include "js.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void js_throw_type(napi_env env, const char *name, const char *expected)
{
  char message[160];
  snprintf(message, sizeof message, "%s must be %s", name, expected);
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
}

bool js_get_args(napi_env env, napi_callback_info info, size_t count_min, struct js_args *args)
{
  args->env = env;
  args->count = JS_ARGS_MAX;
  if (napi_get_cb_info(env, info, &args->count, args->values, &args->self, NULL) != napi_ok) return false;
  if (args->count >= count_min && args->count <= JS_ARGS_MAX) return true;
  napi_throw_type_error(env, "ERR_MISSING_ARGS", args->count < count_min ? "too few arguments" : "too many arguments");
  return false;
}

struct object *js_get_self(napi_env env, napi_callback_info info, enum class_id id, size_t count_min,
                           struct js_args *args)
{
  if (!js_get_args(env, info, count_min, args)) return NULL;
  struct object *object = object_unwrap(env, args->self, id);
  if (object == NULL) js_throw_type(env, "this", "an object made by the addon");
  return object;
}

bool js_integer(napi_env env, napi_value value, const char *name, int64_t min, int64_t max, int64_t *out)
{
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) {
    js_throw_type(env, name, "a number");
    return false;
  }
  /* Compared before the cast, which is undefined for what int64_t cannot hold; NaN fails too. */
  if (!(number >= (double)min && number <= (double)max) || number != floor(number)) {
    char expected[80];
    snprintf(expected, sizeof expected, "an integer from %lld to %lld", (long long)min, (long long)max);
    js_throw_type(env, name, expected);
    return false;
  }
  *out = (int64_t)number;
  return true;
}

bool js_int(napi_env env, napi_value value, const char *name, int64_t min, int64_t max, int *out)
{
  int64_t wide;
  if (!js_integer(env, value, name, min, max, &wide)) return false;
  *out = (int)wide;
  return true;
}

char *js_string(napi_env env, napi_value value, const char *name, bool is_latin1)
{
  napi_status (*get)(napi_env, napi_value, char *, size_t, size_t *) =
    is_latin1 ? napi_get_value_string_latin1 : napi_get_value_string_utf8;
  size_t length;
  if (get(env, value, NULL, 0, &length) != napi_ok) {
    js_throw_type(env, name, "a string");
    return NULL;
  }
  char *text = malloc(length + 1);
  if (text == NULL) {
    napi_throw_error(env, "ENOMEM", "out of memory");
    return NULL;
  }
  if (get(env, value, text, length + 1, &length) == napi_ok && strlen(text) == length) return text;
  free(text);
  js_throw_type(env, name, "a string without NUL");
  return NULL;
}

bool js_function(napi_env env, napi_value value, const char *name)
{
  napi_valuetype type;
  if (napi_typeof(env, value, &type) == napi_ok && type == napi_function) return true;
  js_throw_type(env, name, "a function");
  return false;
}

bool js_parts(const struct js_args *args, size_t first, struct js_parts *out)
{
  *out = (struct js_parts){ 0 };
  for (size_t i = first; i < args->count; i++) {
    napi_typedarray_type type;
    bool is_typed = false;
    void *bytes;
    size_t length;
    if (out->count == JS_PARTS_MAX) {
      napi_throw_type_error(args->env, "ERR_INVALID_ARG_VALUE", "too many parts");
      return false;
    }
    if (napi_is_typedarray(args->env, args->values[i], &is_typed) != napi_ok || !is_typed ||
        napi_get_typedarray_info(args->env, args->values[i], &type, &length, &bytes, NULL, NULL) != napi_ok ||
        type != napi_uint8_array) {
      js_throw_type(args->env, "part", "a Uint8Array");
      return false;
    }
    out->parts[out->count++] = (struct ring_part){ .bytes = bytes, .length = length };
    out->total_bytes += length;
  }
  return true;
}

napi_value js_number(napi_env env, double number)
{
  napi_value value = NULL;
  napi_create_double(env, number, &value);
  return value;
}

napi_value js_undefined(napi_env env)
{
  napi_value value = NULL;
  napi_get_undefined(env, &value);
  return value;
}

void js_set_number(napi_env env, napi_value object, const char *name, double number)
{
  napi_set_named_property(env, object, name, js_number(env, number));
}

void js_set_string(napi_env env, napi_value object, const char *name, const char *text)
{
  napi_value value;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok)
    napi_set_named_property(env, object, name, value);
}

napi_value js_throw_errno(napi_env env, int status, const char *syscall, const char *path)
{
  char text[512];
  napi_value code, message, error;
  snprintf(text, sizeof text, "%s: %s, %s%s%s%s", uv_err_name(status), uv_strerror(status), syscall,
           path == NULL ? "" : " '", path == NULL ? "" : path, path == NULL ? "" : "'");
  if (napi_create_string_utf8(env, uv_err_name(status), NAPI_AUTO_LENGTH, &code) != napi_ok ||
      napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message) != napi_ok ||
      napi_create_error(env, code, message, &error) != napi_ok)
    return NULL;
  js_set_number(env, error, "errno", status);
  js_set_string(env, error, "syscall", syscall);
  if (path != NULL) js_set_string(env, error, "path", path);
  napi_throw(env, error);
  return NULL;
}
