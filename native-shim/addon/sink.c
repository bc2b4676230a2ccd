#include "js.h"

void js_call(napi_env env, napi_value receiver, napi_value function, size_t argc, const napi_value *argv)
{
  napi_value result, error;
  /* Not napi_call_function: this one also runs the microtasks and ticks that the call leaves behind. */
  if (napi_make_callback(env, NULL, receiver, function, argc, argv, &result) != napi_pending_exception) return;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

bool sink_set(napi_env env, struct sink *sink, napi_value events, const char *const names[SINK_EVENTS])
{
  napi_valuetype type;
  napi_value functions[SINK_EVENTS];
  if (napi_typeof(env, events, &type) != napi_ok || type != napi_object) {
    js_throw_type(env, "events", "an object");
    return false;
  }
  for (int i = 0; i < SINK_EVENTS && names[i] != NULL; i++) {
    if (napi_get_named_property(env, events, names[i], &functions[i]) != napi_ok) return false; /* a getter threw */
    if (!js_function(env, functions[i], names[i])) return false;
  }
  sink_clear(env, sink);
  napi_create_reference(env, events, 1, &sink->receiver);
  for (int i = 0; i < SINK_EVENTS && names[i] != NULL; i++)
    napi_create_reference(env, functions[i], 1, &sink->functions[i]);
  return true;
}

void sink_clear(napi_env env, struct sink *sink)
{
  if (sink->receiver == NULL) return;
  napi_delete_reference(env, sink->receiver);
  for (int i = 0; i < SINK_EVENTS; i++)
    if (sink->functions[i] != NULL) napi_delete_reference(env, sink->functions[i]);
  *sink = (struct sink){ 0 };
}

void sink_call(napi_env env, const struct sink *sink, int event, size_t argc, const napi_value *argv)
{
  napi_value receiver, function;
  if (sink->receiver == NULL) return;
  if (napi_get_reference_value(env, sink->receiver, &receiver) != napi_ok) return;
  if (napi_get_reference_value(env, sink->functions[event], &function) != napi_ok) return;
  js_call(env, receiver, function, argc, argv);
}

void sink_call_closed(napi_env env, const struct sink *sink, int event, int errnum)
{
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value argument = js_number(env, errnum);
  sink_call(env, sink, event, 1, &argument);
  napi_close_handle_scope(env, scope);
}
