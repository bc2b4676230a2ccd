#ifndef HOOK_SUPERVISOR_LAYOUT_H
#define HOOK_SUPERVISOR_LAYOUT_H

#include <node_api.h>

/* wire.h as the compiler sees it: "struct" is a size, "struct.field" an offset, "NAME" a constant. */
napi_value layout_object(napi_env env, napi_callback_info info);

#endif
