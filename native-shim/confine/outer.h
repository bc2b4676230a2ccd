/* The network namespace is the dearest to make and to take down, so a slot uses one for one sandbox after the other, never for
 * two at a time. It is owned by a user namespace around that of the sandbox: a hook has no rights over it, even with all
 * capabilities of its own, so none leaves anything in it but open sockets, which end with their processes. */
#ifndef CONFINE_OUTER_H
#define CONFINE_OUTER_H

#include "options.h"

/* Both namespaces, made here and handed to the keeper, or those that it has handed to us. */
void outer_enter(const struct confine_options *options);

#endif
