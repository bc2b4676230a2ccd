#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ring_map.h"

#define SPACE_LOOK_MS 1000

int peer_attach(struct peer *peer, int ring_fd, int socket_fd, uint32_t ring_size_bytes, uint64_t generation)
{
  memset(peer, 0, offsetof(struct peer, piece)); /* all of it would be so many pages of each worker's own */
  peer->socket_fd = socket_fd;
  peer->life_fd = -1;
  peer->generation = (uint32_t)generation;
  return ring_map_peer(ring_fd, ring_size_bytes, generation, &peer->in, &peer->out);
}

static void ring_doorbell(const struct peer *peer)
{
  struct channel_message bell = { .call_id = 0 };
  /* EAGAIN: the daemon has unread doorbells. EPIPE is met when we read. */
  (void)send(peer->socket_fd, &bell, sizeof bell, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Adds a fragment to the message that is being put together. 0 or -errno. */
static int gather(struct peer *peer, size_t length)
{
  if (peer->gathered_bytes + length > RESIDENT_MESSAGE_MAX_BYTES) return -EMSGSIZE;
  unsigned char *grown = realloc(peer->gathered, peer->gathered_bytes + length + 1); /* never of nothing */
  if (grown == NULL) return -ENOMEM;
  memcpy(grown + peer->gathered_bytes, peer->piece, length);
  peer->gathered = grown;
  peer->gathered_bytes += length;
  return 0;
}

static void drop_gathered(struct peer *peer)
{
  free(peer->gathered);
  peer->gathered = NULL;
  peer->gathered_bytes = 0;
  peer->is_whole = 0;
}

int peer_next(struct peer *peer, struct peer_message *message)
{
  struct ring_record head;
  if (peer->is_whole) drop_gathered(peer);
  do {
    int status = ring_read(&peer->in, &head, peer->piece, sizeof peer->piece);
    if (status != 1) return status;
    if (ring_space_wanted(&peer->in)) ring_doorbell(peer);
    if (!(head.flags & RECORD_MORE) && peer->gathered == NULL) {
      *message = (struct peer_message){ head.kind, head.call_id, peer->piece, head.length_bytes };
      return 1;
    }
    status = gather(peer, head.length_bytes);
    if (status < 0) return status;
  } while (head.flags & RECORD_MORE);
  peer->is_whole = 1;
  *message = (struct peer_message){ head.kind, head.call_id, peer->gathered, peer->gathered_bytes };
  return 1;
}

int peer_arm(struct peer *peer) { return ring_arm(&peer->in); }

int peer_drain(struct peer *peer)
{
  struct channel_message bell;
  for (;;) {
    ssize_t got = recv(peer->socket_fd, &bell, sizeof bell, MSG_DONTWAIT);
    if (got > 0 || (got < 0 && errno == EINTR)) continue;
    return got < 0 && errno == EAGAIN ? 0 : -EPIPE;
  }
}

/* 1: a doorbell; 0: the time is over, or a signal came; -errno. */
static int wait_for_doorbell(struct peer *peer, int timeout_ms)
{
  struct pollfd waited[] = { { .fd = peer->socket_fd, .events = POLLIN }, { .fd = peer->life_fd } }; /* that: POLLHUP */
  int ready = poll(waited, 2, timeout_ms);
  if (ready <= 0) return ready == 0 || errno == EINTR ? 0 : -errno;
  if (waited[1].revents != 0) return -ESHUTDOWN;
  int status = peer_drain(peer);
  return status < 0 ? status : 1;
}

int peer_wait(struct peer *peer, int timeout_ms)
{
  return peer_arm(peer) ? 1 : wait_for_doorbell(peer, timeout_ms);
}

int peer_send(struct peer *peer, uint16_t kind, uint64_t call_id, const void *bytes, size_t length)
{
  struct ring_record head = { .kind = kind, .call_id = call_id, .generation = peer->generation };
  const char *at = bytes;
  int has_waited = 0;
  if (length > RESIDENT_MESSAGE_MAX_BYTES) return -EMSGSIZE;
  for (;;) {
    struct ring_part part = { at, length < RECORD_PAYLOAD_MAX_BYTES ? length : RECORD_PAYLOAD_MAX_BYTES };
    head.flags = part.length < length ? RECORD_MORE : 0;
    int status = ring_write(&peer->out, &head, &part, 1);
    if (status == -EAGAIN) {
      status = wait_for_doorbell(peer, SPACE_LOOK_MS);
      if (status < 0) return status;
      has_waited = 1;
      continue;
    }
    if (status < 0) return status;
    if (status == 1) ring_doorbell(peer);
    if (!(head.flags & RECORD_MORE)) return has_waited;
    at += part.length;
    length -= part.length;
  }
}
