/* Attacks on the shared memory itself: indices, heads of records, size. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ring_peer.h"

static uint64_t next_random(void)
{
  static uint64_t state = 88172645463325252ull;
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static void write_random_bytes(struct peer *peer)
{
  uint64_t *words = (uint64_t *)(void *)peer->map;
  size_t count = 2 * peer->direction_bytes / sizeof *words;
  for (;;) {
    for (int i = 0; i < 4096; i++) words[next_random() % count] = next_random();
    words[peer->direction_bytes / sizeof *words] = RING_MAGIC; /* or that alone would be seen, and nothing else read */
    peer_bell(peer);
  }
}

/* As if what has been read long ago were still to come. */
static void rewind_the_tail(struct peer *peer)
{
  __atomic_store_n(&peer->out.shared->tail, 0, __ATOMIC_RELEASE);
  peer_bell(peer);
}

static void put_the_tail_a_ring_ahead(struct peer *peer)
{
  __atomic_store_n(&peer->out.shared->tail, peer->out.own + peer->out.size_bytes + 8, __ATOMIC_RELEASE);
  peer_bell(peer);
}

/* What it says of its reading is asked for once it is dead: whether the call has begun. */
static void claim_to_have_read_what_was_not_written(struct peer *peer)
{
  __atomic_store_n(&peer->in.shared->head, peer->in.own + 4096, __ATOMIC_RELEASE);
  _exit(1);
}

static void lie_about_the_length(struct peer *peer)
{
  peer_plant(peer, (struct ring_record){ .kind = RECORD_LEARNED, .length_bytes = 4096 }, sizeof(struct ring_record));
}

static void lie_about_the_length_beyond_the_memory(struct peer *peer)
{
  peer_plant(peer, (struct ring_record){ .kind = RECORD_LEARNED, .length_bytes = UINT32_MAX - 23 }, 4096);
}

#define RACED_RECORDS 48u
#define RACED_BYTES (RACED_RECORDS * (uint32_t)sizeof(struct ring_record))

/* The first record is as long as all of them or empty, from one moment to the next: both can be read to the end. */
static void *swap_lengths(void *place)
{
  uint32_t *length_bytes = place;
  const uint32_t all_bytes = RACED_BYTES - (uint32_t)sizeof(struct ring_record);
  for (uint32_t i = 0;; i++) __atomic_store_n(length_bytes, i % 2 ? all_bytes : 0, __ATOMIC_RELAXED);
  return NULL;
}

static void publish(struct peer *peer, uint64_t bytes)
{
  peer->out.own += bytes;
  __atomic_store_n(&peer->out.shared->tail, peer->out.own, __ATOMIC_RELEASE);
  peer_bell(peer);
  while (__atomic_load_n(&peer->out.shared->head, __ATOMIC_ACQUIRE) != peer->out.own) usleep(50);
}

/* Long records up to the edge: what comes next lies at the beginning of the data. */
static void go_round(struct peer *peer)
{
  uint32_t mask = peer->out.size_bytes - 1;
  while ((peer->out.own & mask) != 0) {
    uint32_t left_bytes = peer->out.size_bytes - (uint32_t)(peer->out.own & mask);
    uint32_t bytes = left_bytes > RECORD_PAYLOAD_MAX_BYTES ? RECORD_PAYLOAD_MAX_BYTES / 2 : left_bytes;
    struct ring_record record = { .kind = RECORD_LEARNED, .length_bytes = bytes - (uint32_t)sizeof record };
    memcpy(peer->out.shared->data + (peer->out.own & mask), &record, sizeof record);
    publish(peer, bytes);
  }
}

static void race_the_head(struct peer *peer)
{
  struct ring_record *records = (struct ring_record *)(void *)peer->out.shared->data;
  pthread_t thread;
  if (pthread_create(&thread, NULL, swap_lengths, &records->length_bytes) != 0) return;
  for (;;) {
    go_round(peer);
    for (uint32_t i = 0; i < RACED_RECORDS; i++) {
      if (i > 0) records[i] = (struct ring_record){ .kind = RECORD_LEARNED };
      else records[i].kind = RECORD_LEARNED;
    }
    publish(peer, RACED_BYTES);
  }
}

/* Makes nothing of our ring's pages, which the seals do not forbid: the daemon finds zeros, not the end of the file. */
static void punch_holes(struct peer *peer)
{
  off_t bytes = (off_t)peer->direction_bytes;
  (void)!fallocate(peer->ring_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, bytes, bytes);
  peer_bell(peer);
}

/* Says of each step how it ended, then answers as an honest keeper would. */
static void resize_the_memory(struct peer *peer)
{
  off_t size_bytes = (off_t)(2 * peer->direction_bytes);
  int shrunk = ftruncate(peer->ring_fd, 0) < 0 ? errno : 0;
  int grown = ftruncate(peer->ring_fd, size_bytes + 4096) < 0 ? errno : 0;
  int sealed = fcntl(peer->ring_fd, F_ADD_SEALS, F_SEAL_WRITE) < 0 ? errno : 0;
  char text[96];
  int length = snprintf(text, sizeof text, "shrink: %d, grow: %d, seal: %d\n", shrunk, grown, sealed);
  struct task_end end = { .outcome = OUTCOME_ANSWERED, .stdout_bytes = (uint64_t)length };
  peer_say(peer, RECORD_STDOUT, text, (size_t)length);
  peer_say(peer, RECORD_END, &end, sizeof end);
}

const struct attack index_attacks[] = {
  { "random bytes", write_random_bytes, 0 },
  { "tail rewound", rewind_the_tail, 0 },
  { "tail a ring ahead", put_the_tail_a_ring_ahead, 0 },
  { "head beyond what was written", claim_to_have_read_what_was_not_written, 0 },
  { "length beyond what was published", lie_about_the_length, 0 },
  { "length beyond the memory", lie_about_the_length_beyond_the_memory, 0 },
  { "head changed while it is read", race_the_head, 0 },
  { "holes in the memory", punch_holes, 0 },
  { "memory resized", resize_the_memory, 0 },
  { NULL, NULL, 0 },
};
