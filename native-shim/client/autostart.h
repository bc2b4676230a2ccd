/* --autostart: where no supervisor runs, one is started beside the call, which falls back by its policy as ever. */
#ifndef HOOK_SUPERVISOR_CLIENT_AUTOSTART_H
#define HOOK_SUPERVISOR_CLIENT_AUTOSTART_H

#include "options.h"
#include "text.h"

/* Waits for nothing. Adds to `why` that a supervisor is being started, or why none is. */
void autostart(const struct options *options, char *const *env, struct line *why);

#endif
