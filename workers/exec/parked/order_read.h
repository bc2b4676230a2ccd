/* The order of a process that is to become a program, or a worker: read and checked. */
#ifndef PARKED_ORDER_READ_H
#define PARKED_ORDER_READ_H

#include <stddef.h>
#include <sys/stat.h>

#include "text.h"
#include "wire.h"

#define ORDER_FD 3

/* What is left of the memory for it. */
struct room {
  unsigned char *at; /* aligned to 8 */
  size_t left_bytes;
};

/* What comes with an order. */
struct order_fds {
  size_t count;
  int cwd, ring, socket; /* the last two with ORDER_PEER_ENDS */
};

struct order {
  struct order_head head;
  struct order_fds fds; /* close-on-exec: an order cannot make them survive */
  char *path;
  char **argv, **env; /* each ends with NULL; there is a place before the first argument */
  char *env_blob;     /* the strings of env, one behind the other */
};

/* Waits for it. Exits at end of file; declines what is not sound. What the room cannot take is mapped. */
void order_read(struct room *room, struct order *order);
/* Before anything of the order has been done. */
_Noreturn void order_decline(void);

/* By its path, which counts only if it leads to the very same folder: the descriptor is one of the host's tree, and a process
 * in a sandbox has left its view and must not hold it. */
struct order_folder {
  char path[LINE_MAX_BYTES];
  struct stat status;
};
/* Closes the descriptor. 0 or -errno, as the others. */
int order_folder(int cwd_fd, struct order_folder *folder);
int order_folder_enter(const struct order_folder *folder);

/* The socket first: that of the order, over which a failure is still told, gives its number to the ring. Received after
 * the folder, both are above the numbers that they get. flags: O_CLOEXEC where nothing is executed. */
int order_place_peer_ends(const struct order_fds *fds, int flags);

#endif
