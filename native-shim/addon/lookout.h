/* The answer of a resident worker comes within microseconds, and on a processor that sleeps to be woken takes as long as the worker
 * does. So where one answer is awaited that is likely to be there in a moment, the loop looks for it before it sleeps: for
 * LOOKOUT_NS at most, only while nothing else is to be done, and not again for a while once that was in vain. */
#ifndef HOOK_SUPERVISOR_LOOKOUT_H
#define HOOK_SUPERVISOR_LOOKOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "uv_min.h"

#define LOOKOUT_NS 50000u

struct channel;
struct module;

struct lookout {
  uv_handle_t *prepare;
  struct channel *channel; /* whose answer is awaited since this turn of the loop */
  bool is_several;         /* more than one answer is: whoever is to give them needs the processors */
  bool is_alone;           /* there is one processor only: who is to answer could not run meanwhile */
};

/* Of one channel. */
struct awaited {
  uint64_t since_ns; /* 0: nothing is */
  uint32_t quick_in_a_row;
};

bool lookout_open(struct module *module);
void lookout_close(struct module *module);
/* An answer is awaited from now on. */
void lookout_await(struct channel *channel);
/* The next record of the channel is there. */
void lookout_came(struct channel *channel);
/* It is closed. */
void lookout_forget(struct channel *channel);

#endif
