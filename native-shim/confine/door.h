/* The way out of a sandbox that may reach listed hosts: one listening socket on the loopback of its own network namespace,
 * accepted by a proxy outside. A socket stays in the namespace in which it was made, so nothing of ours needs to run inside,
 * and no interface leads out of it. */
#ifndef CONFINE_DOOR_H
#define CONFINE_DOOR_H

#include "options.h"

/* By the first process of the pid namespace, before it gives up its capabilities. Sends over DOOR_FD the socket and the end of a
 * pipe whose other end becomes DOOR_FD: its end-of-file tells the proxy that the namespace is over. */
void door_open(const struct confine_options *options);

#endif
