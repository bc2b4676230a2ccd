/* The whole way into a sandbox. */
#ifndef CONFINE_ENTER_H
#define CONFINE_ENTER_H

#include "options.h"

/* Returns, not dumpable, in the process that is to be confined: C of main.c, or the one that has called. Ends where a step
 * fails. fork_here: as the kernel answers. */
void sandbox_enter(const struct confine_options *options, int (*fork_here)(void));

#endif
