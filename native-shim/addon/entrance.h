/* The daemon's side of sandboxes' doors: the socket pair over which they are sent, and their receipt (see confine/door.h). */
#ifndef HOOK_SUPERVISOR_ENTRANCE_H
#define HOOK_SUPERVISOR_ENTRANCE_H

#include "module.h"

napi_value entrance_pair(napi_env env, napi_callback_info info);
napi_value entrance_open(napi_env env, napi_callback_info info);
bool entrance_define_class(struct module *module);

#endif
