/* Processes and descriptors: what Node's own modules cannot do. See supervisor/native.ts for each. */
#ifndef HOOK_SUPERVISOR_PROCESS_H
#define HOOK_SUPERVISOR_PROCESS_H

#include "module.h"

napi_value process_spawn(napi_env env, napi_callback_info info);
napi_value process_reap(napi_env env, napi_callback_info info);
napi_value process_kill(napi_env env, napi_callback_info info);
napi_value process_lock(napi_env env, napi_callback_info info);
napi_value process_set_subreaper(napi_env env, napi_callback_info info);
napi_value process_set_dumpable(napi_env env, napi_callback_info info);
napi_value process_children(napi_env env, napi_callback_info info);
napi_value process_close_on_exec(napi_env env, napi_callback_info info);
napi_value process_leave(napi_env env, napi_callback_info info);
napi_value process_close_fd(napi_env env, napi_callback_info info);

#endif
