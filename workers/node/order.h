/* The order of a parked Node process, read and checked. */
#ifndef NODE_ORDER_H
#define NODE_ORDER_H

#include "wire.h"

/* argv and env end with NULL; the strings stay where they are for the life of the process, whose environ they become. */
struct order {
  struct order_head head;
  char **argv, **env;
  int cwd_fd;
};

enum order_state { ORDER_SOUND, ORDER_UNSOUND, ORDER_NONE /* end of file: the keeper has no use for us */ };

/* Waits for it. */
enum order_state order_receive(int order_fd, struct order *order);

#endif
