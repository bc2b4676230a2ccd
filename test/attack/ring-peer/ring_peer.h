/* A hostile program in the keeper's place: it holds the other end of the ring and of the doorbell. */
#ifndef HOOK_SUPERVISOR_TEST_RING_PEER_H
#define HOOK_SUPERVISOR_TEST_RING_PEER_H

#include "ring.h"
#include "wire.h"

struct peer {
  int socket_fd;
  int ring_fd;
  size_t direction_bytes;
  unsigned char *map;
  struct ring in;  /* daemon to us */
  struct ring out; /* us to daemon */
  uint32_t slots;
  struct ring_record start; /* of the call that is attacked */
};

struct attack {
  const char *name;
  void (*run)(struct peer *peer);
  int is_early; /* before the call is taken out of the ring */
};
extern const struct attack index_attacks[], record_attacks[], stream_attacks[]; /* each ends with a nameless one */

void peer_bell(struct peer *peer);
/* A record of the attacked call. 0, or -errno as ring_write; rings where that is due. */
int peer_say(struct peer *peer, uint16_t kind, const void *bytes, size_t length);
/* Puts a record at the tail by hand, whatever it says of itself, and publishes that many bytes. */
void peer_plant(struct peer *peer, struct ring_record record, uint64_t published_bytes);
/* Until the daemon ends us, which is what most attacks are to end in. */
_Noreturn void peer_wait(void);

#endif
