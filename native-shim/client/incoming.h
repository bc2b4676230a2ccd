/* Bytes from the daemon, cut into frames. */
#ifndef HOOK_SUPERVISOR_CLIENT_INCOMING_H
#define HOOK_SUPERVISOR_CLIENT_INCOMING_H

#include <stddef.h>

#include "wire.h"

/* The longest frame that may come, twice: so a read is seldom cut short. */
#define INCOMING_BYTES (2 * (sizeof(struct frame_header) + FRAME_DATA_MAX_BYTES))

struct incoming {
  int socket_fd;
  int is_ended; /* end of file or an error; what was received before is still to be handled */
  unsigned char *bytes; /* INCOMING_BYTES */
  size_t start, end;    /* what is not yet handled */
};

/* The first whole frame: 1 and *payload, which is valid until incoming_receive; 0 none yet; -errno: not a frame of the protocol. */
int incoming_frame(const struct incoming *incoming, struct frame_header *header, const unsigned char **payload);
void incoming_drop(struct incoming *incoming, const struct frame_header *header);
/* Takes what is there without waiting; sets is_ended. */
void incoming_receive(struct incoming *incoming);

#endif
