/* The answer of a resident worker comes within microseconds, as does the next question of a program that asks one after the other,
 * and on a processor that sleeps to be woken takes as long as either. So where one of them is awaited that is likely to be there in a
 * moment, the loop looks for it before it sleeps: for LOOKOUT_NS at most, only while nothing else is to be done, and not again for a
 * while once that was in vain. */
#ifndef HOOK_SUPERVISOR_LOOKOUT_H
#define HOOK_SUPERVISOR_LOOKOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "uv_min.h"

#define LOOKOUT_NS 50000u

struct channel;
struct module;

/* What may come of one channel or connection. */
struct awaited {
  struct channel *channel; /* by whose ring; NULL: by a descriptor, of which the loop tells */
  uint64_t since_ns;       /* 0: nothing is awaited */
  uint32_t quick_in_a_row;
};

struct lookout {
  uv_handle_t *prepare;
  struct awaited *awaited; /* since this turn of the loop */
  bool is_several;         /* so is more: whoever is to send it needs the processors */
  bool is_alone;           /* there is one processor only: who is to send it could not run meanwhile */
};

bool lookout_open(struct module *module);
void lookout_close(struct module *module);
/* From now on. */
void lookout_await(struct module *module, struct awaited *awaited);
/* The next record of the channel, or frame of the connection, is there. */
void lookout_came(struct awaited *awaited);
/* It is closed. */
void lookout_forget(struct module *module, const struct awaited *awaited);

#endif
