/* Attacks by how much is said, or by saying nothing. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ring_peer.h"

static void flood_the_doorbell(struct peer *peer)
{
  for (;;) peer_bell(peer);
}

/* All of them valid: of the zygote, which has learned nothing. */
static void flood_with_records(struct peer *peer)
{
  struct learned learned = { 0 };
  for (;;) peer_say(peer, RECORD_LEARNED, &learned, sizeof learned);
}

/* The dearest record: each is a line of the log. */
static void flood_with_failures(struct peer *peer)
{
  struct { struct { uint32_t stage; int32_t errnum; uint32_t subject_bytes; } head; char subject[4096]; } failure = {
    .head = { .stage = 1, .errnum = EPERM, .subject_bytes = sizeof failure.subject }
  };
  for (;;) peer_say(peer, RECORD_FAILURE, &failure, sizeof failure);
}

static void close_the_doorbell(struct peer *peer)
{
  struct learned learned = { 0 };
  close(peer->socket_fd);
  for (;;) peer_say(peer, RECORD_LEARNED, &learned, sizeof learned);
}

static void end_without_a_word(struct peer *peer)
{
  (void)peer;
  _exit(0);
}

/* From here on nothing is taken out of the ring, nor from the socket. */
static void stop_reading(struct peer *peer) { (void)peer; }

const struct attack stream_attacks[] = {
  { "doorbell flood", flood_the_doorbell, 0 },
  { "flood of records", flood_with_records, 0 },
  { "flood of failures", flood_with_failures, 0 },
  { "doorbell closed", close_the_doorbell, 0 },
  { "death", end_without_a_word, 0 },
  { "nothing ever read", stop_reading, 1 },
  { "reading stopped", stop_reading, 0 },
  { NULL, NULL, 0 },
};
