/* What a new process sheds of the one it was forked from. Each returns 0 or -1 with errno. */
#ifndef EXEC_FRESH_H
#define EXEC_FRESH_H

#include <sys/types.h>

int fresh_session(void);
/* Default actions and an empty mask. */
int fresh_signals(void);
/* Closes every descriptor from first up. */
int fresh_descriptors(int first);
/* Dies with the keeper; -1 (ESRCH) if the keeper has gone before that could be asked for. */
int fresh_death_signal(pid_t keeper);

#endif
