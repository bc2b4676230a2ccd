/* The line of JSON that --explain asks for: where the hook ran and how it ended. */
#ifndef HOOK_SUPERVISOR_CLIENT_EXPLAIN_H
#define HOOK_SUPERVISOR_CLIENT_EXPLAIN_H

#include <stddef.h>

/* The file to append to, or -errno. */
int explain_open(const char *path);
/* The daemon's own account; it knows more than the client. fd -1: none asked for. */
void explain_from_daemon(int fd, const unsigned char *json, size_t length);
/* The client's account. path: "direct", or NULL if nothing ran or it is not known where. outcome: a name of enum outcome. */
void explain_from_client(int fd, const char *path, const char *outcome, const char *why);

#endif
