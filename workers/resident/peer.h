/* A resident worker's end of its channel. One thread uses it. */
#ifndef RESIDENT_PEER_H
#define RESIDENT_PEER_H

#include <stddef.h>
#include <stdint.h>

#include "ring.h"
#include "wire.h"

struct peer {
  struct ring in, out;
  int socket_fd;
  int life_fd; /* whose far end, once closed, ends every wait by -ESHUTDOWN; -1: none */
  uint32_t generation;
  unsigned char *gathered;                       /* fragments of one message; NULL: none */
  size_t gathered_bytes;
  int is_whole;                                  /* that message has been told */
  unsigned char piece[RECORD_PAYLOAD_MAX_BYTES]; /* of the record that was read last; nothing is written before */
};

struct peer_message {
  uint16_t kind;
  uint64_t call_id;
  const unsigned char *bytes; /* until the next call */
  size_t length;
};

/* Takes both descriptors over. 0 or -errno. */
int peer_attach(struct peer *peer, int ring_fd, int socket_fd, uint32_t ring_size_bytes, uint64_t generation);
/* The next whole message: 1; 0: none has come; -errno: the channel is broken. */
int peer_next(struct peer *peer, struct peer_message *message);
/* Before sleeping: 1: there is something after all. */
int peer_arm(struct peer *peer);
/* Takes the doorbells that wait. 0, or -EPIPE: the daemon is gone. */
int peer_drain(struct peer *peer);
/* Sends one message, and waits where the ring is full: a worker that answers faster than it is read has time. 1:
 * doorbells were taken meanwhile, so look for messages again; 0; or -errno. */
int peer_send(struct peer *peer, uint16_t kind, uint64_t call_id, const void *bytes, size_t length);
/* 1: look for messages; 0: the time is over, or a signal came; -errno, of which -ESHUTDOWN: life_fd. */
int peer_wait(struct peer *peer, int timeout_ms);

#endif
