/* What B tells A of C, over a pipe. */
#ifndef CONFINE_NOTES_H
#define CONFINE_NOTES_H

#include <stdint.h>

/* B waits for these and has them blocked. */
uint64_t notes_signals(void);
/* Of B: reaps all that dies, until the child has, and tells both that and the word of an interpreter that is finished. */
void notes_take(int fd, int child);
/* Of A, until B is gone: hands that word on to the keeper (0: to nobody). 1 with C's status; 0: B died without one. */
int notes_relay(int fd, int keeper, int *status);

#endif
