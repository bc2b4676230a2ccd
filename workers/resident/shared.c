/* The worker's end for ctypes, which gives up Python's lock around each of these: no Python headers, and every build of
 * CPython can use it. */
#include <errno.h>
#include <stdlib.h>

#include "peer.h"

#define EXPORTED __attribute__((visibility("default")))

/* NULL, with *status -errno. */
EXPORTED struct peer *resident_attach(int ring_fd, int socket_fd, int life_fd, uint32_t ring_size_bytes,
                                      uint64_t generation, int *status)
{
  struct peer *peer = malloc(sizeof *peer);
  *status = peer == NULL ? -ENOMEM : peer_attach(peer, ring_fd, socket_fd, ring_size_bytes, generation);
  if (*status == 0) {
    peer->life_fd = life_fd;
    return peer;
  }
  free(peer);
  return NULL;
}

/* 1: *message is filled; 0: the time is over, or a signal came; -errno. */
EXPORTED int resident_receive(struct peer *peer, int timeout_ms, struct peer_message *message)
{
  for (;;) {
    int status = peer_next(peer, message);
    if (status != 0) return status;
    status = peer_wait(peer, timeout_ms);
    if (status <= 0) return status;
  }
}

EXPORTED int resident_send(struct peer *peer, uint16_t kind, uint64_t call_id, const void *bytes, size_t length)
{
  return peer_send(peer, kind, call_id, bytes, length);
}
