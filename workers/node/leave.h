/* How a hook's process ends: at once when all that anybody can see of a direct run's end is over. What Node would go on to
 * do is to free what the kernel frees anyway, which takes longer than many a hook. */
#ifndef NODE_LEAVE_H
#define NODE_LEAVE_H

#include <stdint.h>
#include <sys/types.h>

/* Node's own notes, where they could be found. NULL: it shall end as it does by itself. */
struct node_exit {
  const int32_t *code, *has_code;
  const int32_t *main_unsettled; /* 1: the entry point is an ES module and has not come to its end */
  int has_more;                  /* Node may yet write a cache of compiled code: the answer is given, but it is let finish */
};

/* From now on this process ends early. The keeper is told as soon as its outputs are closed. */
int leave_early(pid_t keeper);

/* When the event loop has run dry and the 'exit' handlers too. Returns where an early end could be noticed. */
void leave_now(const struct node_exit *node_exit);

#endif
