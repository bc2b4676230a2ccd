/* Whoever started us is dead, and with it the reader of our answer: a kill of the agent that nobody could pass on. */
#ifndef HOOK_SUPERVISOR_CLIENT_ABANDONED_H
#define HOOK_SUPERVISOR_CLIENT_ABANDONED_H

#include <stdint.h>

struct abandoned {
  int parent;       /* whoever started us */
  int is_meant;     /* SIGHUP is ignored: this call is to outlive its caller */
  int64_t since_ms; /* when we were first seen to be alone; 0: not yet */
};

void abandoned_start(struct abandoned *abandoned, uint64_t ignored_signals);
/* How long to wait before the next look: 0 when the hook has had its time, -1 while somebody may read its answer. */
int64_t abandoned_left_ms(struct abandoned *abandoned, int is_reader_gone);

#endif
