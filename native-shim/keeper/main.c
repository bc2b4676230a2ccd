/* supervisor-keeper: started by the daemon, one for each pool. Exits 0 after STOP or a signal, 69 when the daemon is
 * gone, 70 when it broke the protocol, 71 when the system would not let it work, 64 on a wrong command line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "keeper.h"

#define EXIT_USAGE 64

int main(int argc, char **argv)
{
  static struct keeper keeper;
  const char *problem = "";
  if (options_parse(&keeper.options, argc, argv, &problem) < 0) {
    fprintf(stderr, "supervisor-keeper: bad usage: %s. It is started by the supervisor, not by hand.\n", problem);
    return EXIT_USAGE;
  }
  int status = keeper_setup(&keeper, &problem);
  if (status < 0) {
    fprintf(stderr, "supervisor-keeper: %s: %s\n", problem, strerror(-status));
    return status == -EPROTO ? EXIT_VIOLATION : EXIT_SYSTEM;
  }
  keeper_loop(&keeper);
  keeper_stop(&keeper);
  tree_free(&keeper.tree);
  return keeper.exit_code;
}
