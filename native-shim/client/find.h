/* Finds the supervisor, and makes sure that it is ours before it is told anything. */
#ifndef HOOK_SUPERVISOR_CLIENT_FIND_H
#define HOOK_SUPERVISOR_CLIENT_FIND_H

#include "options.h"
#include "text.h"

/* A connected stream socket to a server of our own effective uid. Else `why` says it to people, and the result is -ENOENT where
 * simply nobody is there, -1 where something is wrong. Waits at most a second, or the accept timeout. */
int find_daemon(const struct options *options, char *const *env, struct line *why);
/* An O_PATH descriptor. -1: it is absent, or not to be trusted, which `why` says. */
int open_trusted_folder(const char *path, struct line *why);

#endif
