/* The processes of a pid namespace: outside (A), whose end the caller waits for; init (B), the first process in there, which
 * is this program and never the hook; and C, which becomes it. */
#ifndef CONFINE_CHAIN_H
#define CONFINE_CHAIN_H

#include <stdint.h>

#include "options.h"

/* Held by B alone once C is on its way, as is DOOR_FD: the descriptors below it are those that the program needs. */
#define NOTE_FD 5

struct chain_hands {
  int (*fork_here)(void);               /* as the kernel answers */
  void (*forget)(const void *memory);   /* gives up what A and B do not need, which neither returns to; NULL: there is nothing */
  const void *memory;
};

struct chain {
  const struct confine_options *options;
  const struct chain_hands *hands;
  int keeper;             /* pid of who started us */
  uint64_t signals_before; /* mask to be given to the hook */
};

/* Dies with the keeper from now on. */
void chain_tie(const struct chain *chain);
/* Returns as C, in a session of its own. enter: what B has to do before C is there. */
void chain_fork(const struct chain *chain, void (*enter)(const struct confine_options *options, int first_closed));

#endif
