/* What B tells of C: A over a pipe, the keeper over the order socket. */
#ifndef CONFINE_NOTES_H
#define CONFINE_NOTES_H

#include <stdint.h>

/* B waits for these and has them blocked. */
uint64_t notes_signals(void);
/* Of B: reaps all that dies, until the child has, and tells that. order: the socket; -1: there is no keeper. */
void notes_take(int note, int order, int child);
/* Of A, once B is gone. 1 with C's status; 0: B died without a word. */
int notes_status(int note, int *status);

#endif
