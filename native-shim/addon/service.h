/* What a service manager hears and hands over, see supervisor/native.ts for each. */
#ifndef HOOK_SUPERVISOR_SERVICE_H
#define HOOK_SUPERVISOR_SERVICE_H

#include "module.h"

napi_value service_notify(napi_env env, napi_callback_info info);
napi_value service_listening_path(napi_env env, napi_callback_info info);

#endif
