/* A child of the keeper that becomes what waits for the order: supervisor-parked (parked/), or a Node. */
#ifndef EXEC_PARK_H
#define EXEC_PARK_H

#include <sys/types.h>

#define EXEC_PROGRAM_FD_MIN 8 /* exec_park() uses the numbers below */

struct exec_park {
  int input, output, error; /* to become 0, 1 and 2 */
  int order;                /* our end of the order socket, to become 3; for a Node NODE_ORDER_FD */
  int program;              /* the file of supervisor-parked, at EXEC_PROGRAM_FD_MIN or above */
  int leaf_procs;           /* cgroup.procs of our leaf, to write ourselves into; -1: we are there, or there is none */
  pid_t keeper;
  char *const *command;     /* NULL: supervisor-parked. Else a Node: its file, then its argv */
  int confine;              /* the file of supervisor-confine, at EXEC_PROGRAM_FD_MIN or above */
  int outer_user, outer_net; /* to become OUTER_USER_FD and OUTER_NET_FD; at EXEC_PROGRAM_FD_MIN or above, or -1 */
  int door;                 /* where supervisor-confine sends its door, at EXEC_PROGRAM_FD_MIN or above; -1: it has none */
  char *const *confining;   /* its argv, which names what is to be executed; NULL: contained, it is not used */
};

/* In the forked child. A step that fails is told as a struct setup_failure on the error pipe. */
_Noreturn void exec_park(const struct exec_park *park);

#endif
