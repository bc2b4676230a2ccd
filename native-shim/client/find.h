/* Finds the supervisor, and makes sure that it is ours before it is told anything. */
#ifndef HOOK_SUPERVISOR_CLIENT_FIND_H
#define HOOK_SUPERVISOR_CLIENT_FIND_H

#include "options.h"
#include "text.h"

/* A connected stream socket to a server of our own effective uid, or -1 and `why` says it to people. Waits at most a
 * second, or the accept timeout. */
int find_daemon(const struct options *options, char *const *env, struct line *why);

#endif
