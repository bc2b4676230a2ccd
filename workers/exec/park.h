/* The exec runtime: a process forked by the keeper that waits, set up, for the order to become a program. */
#ifndef EXEC_PARK_H
#define EXEC_PARK_H

#include <sys/types.h>

struct exec_park {
  int input, output, error; /* to become 0, 1 and 2 */
  int order;                /* our end of the order socket */
  int leaf_procs;           /* cgroup.procs of our leaf, to write ourselves into; -1: we are there, or there is none */
  pid_t keeper;
};

/* In the forked child. A step that fails is told as a struct setup_failure on the error pipe. */
_Noreturn void exec_park(const struct exec_park *park);

#endif
