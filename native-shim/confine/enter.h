/* The whole way into a sandbox. */
#ifndef CONFINE_ENTER_H
#define CONFINE_ENTER_H

#include "chain.h"

/* Returns, not dumpable, in the process that is to be confined: C of main.c, or the one that has called. Ends where a step
 * fails. */
void sandbox_enter(const struct confine_options *options, const struct chain_hands *hands);

#endif
