#include "ring.h"

#include <errno.h>
#include <string.h>

#include "wire.h"

#define RECORD_MAX_BYTES ((uint32_t)sizeof(struct ring_record) + RECORD_PAYLOAD_MAX_BYTES)
#define WORD_BYTES 8u /* every index and every record is a multiple of this; a pad is at least this long */

_Static_assert(sizeof(struct ring_shared) % WORD_BYTES == 0, "data must be aligned like the records in it");
_Static_assert(offsetof(struct ring_shared, tail) == RING_CACHE_LINE, "own cache line");
_Static_assert(offsetof(struct ring_shared, head) == 2 * RING_CACHE_LINE, "own cache line");
_Static_assert(RECORD_MAX_BYTES % WORD_BYTES == 0, "the longest record needs no rounding");

/* The mapping has no declared type; without this the compiler may assume that words and bytes never overlap. */
typedef uint64_t __attribute__((may_alias)) shared_word;

static int violated(struct ring *ring)
{
  ring->broken = 1;
  return -EPROTO;
}

static uint32_t rounded(uint32_t bytes)
{
  return (bytes + (WORD_BYTES - 1)) & ~(WORD_BYTES - 1);
}

static uint32_t offset_of(const struct ring *ring, uint64_t position)
{
  return (uint32_t)(position & (ring->size_bytes - 1));
}

static int is_valid_size(uint32_t size_bytes)
{
  /* Twice the longest record: a pad and the record behind it always fit into an empty ring. */
  return size_bytes >= 2 * RECORD_MAX_BYTES && (size_bytes & (size_bytes - 1)) == 0;
}

/* A scribbled header shows stray writes into the mapping: nothing in it can be believed any more. */
static int has_magic(const struct ring *ring)
{
  return __atomic_load_n(&ring->shared->magic, __ATOMIC_RELAXED) == RING_MAGIC;
}

size_t ring_bytes(uint32_t size_bytes)
{
  return sizeof(struct ring_shared) + size_bytes;
}

int ring_format(struct ring_shared *shared, uint32_t size_bytes, uint64_t generation)
{
  if (!is_valid_size(size_bytes)) return -EINVAL;
  shared->version = WIRE_VERSION;
  shared->size_bytes = size_bytes;
  shared->generation = generation;
  __atomic_store_n(&shared->magic, RING_MAGIC, __ATOMIC_RELEASE);
  return 0;
}

int ring_attach(struct ring *ring, struct ring_shared *shared, size_t mapped_bytes, uint64_t generation)
{
  if (mapped_bytes < sizeof *shared) return -EPROTO;
  if (__atomic_load_n(&shared->magic, __ATOMIC_ACQUIRE) != RING_MAGIC) return -EPROTO;
  /* The size is read once: the peer could change it between the check and the use. */
  uint32_t size_bytes = __atomic_load_n(&shared->size_bytes, __ATOMIC_RELAXED);
  if (!is_valid_size(size_bytes) || size_bytes > mapped_bytes - sizeof *shared) return -EPROTO;
  if (__atomic_load_n(&shared->version, __ATOMIC_RELAXED) != WIRE_VERSION) return -EPROTO;
  if (__atomic_load_n(&shared->generation, __ATOMIC_RELAXED) != generation) return -EPROTO;
  /* Both private indices begin at 0, which is right only if nobody has consumed anything yet. */
  if (__atomic_load_n(&shared->head, __ATOMIC_RELAXED) != 0) return -EPROTO;
  *ring = (struct ring){ .shared = shared, .size_bytes = size_bytes, .generation = generation };
  return 0;
}

/* ---- Producer -------------------------------------------------------------------------------------------------- */

/* The peer's index may only grow, by whole words, up to what has been published. 0 or -EPROTO. */
static int refresh_head(struct ring *ring)
{
  uint64_t head = __atomic_load_n(&ring->shared->head, __ATOMIC_ACQUIRE);
  if (head % WORD_BYTES != 0 || head - ring->cached > ring->own - ring->cached) return violated(ring);
  ring->cached = head;
  return 0;
}

static int has_room(const struct ring *ring, uint32_t needed_bytes)
{
  return ring->size_bytes - (ring->own - ring->cached) >= needed_bytes;
}

static int claim_room(struct ring *ring, uint32_t needed_bytes)
{
  if (has_room(ring, needed_bytes)) return 0;
  if (refresh_head(ring) != 0) return -EPROTO;
  if (has_room(ring, needed_bytes)) return 0;
  __atomic_store_n(&ring->shared->want_space, 1, __ATOMIC_RELAXED);
  /* Pairs with the fence in ring_space_wanted: either the consumer sees the flag or we see its head. */
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (refresh_head(ring) != 0) return -EPROTO;
  return has_room(ring, needed_bytes) ? 0 : -EAGAIN;
}

static void put_pad(struct ring *ring, uint32_t pad_bytes)
{
  struct ring_record pad = { .length_bytes = pad_bytes - WORD_BYTES, .kind = RECORD_PAD };
  memcpy(ring->shared->data + offset_of(ring, ring->own), &pad, WORD_BYTES);
  ring->own += pad_bytes;
}

static void put_record(struct ring *ring, struct ring_record head, const struct ring_part *parts, size_t part_count)
{
  unsigned char *at = ring->shared->data + offset_of(ring, ring->own);
  memcpy(at, &head, sizeof head);
  at += sizeof head;
  for (size_t i = 0; i < part_count; i++) {
    if (parts[i].length == 0) continue; /* its pointer may be null */
    memcpy(at, parts[i].bytes, parts[i].length);
    at += parts[i].length;
  }
  ring->own += rounded((uint32_t)sizeof head + head.length_bytes); /* bytes skipped by rounding are zero already */
}

/* Publishes all bytes below `own`. 1 if the consumer sleeps or is about to. */
static int publish_tail(struct ring *ring)
{
  struct ring_shared *shared = ring->shared;
  __atomic_store_n(&shared->tail, ring->own, __ATOMIC_RELEASE);
  /* Pairs with the fence in ring_arm: either we see its flag or it sees our tail; without it a wake-up is lost. */
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (__atomic_load_n(&shared->need_wake, __ATOMIC_RELAXED) == 0) return 0;
  __atomic_store_n(&shared->need_wake, 0, __ATOMIC_RELAXED);
  ring->wakeups++;
  return 1;
}

int ring_write(struct ring *ring, const struct ring_record *head, const struct ring_part *parts, size_t part_count)
{
  if (ring->broken || !has_magic(ring)) return violated(ring);
  struct ring_record record = *head;
  record.length_bytes = 0;
  for (size_t i = 0; i < part_count; i++) {
    if (parts[i].length > RECORD_PAYLOAD_MAX_BYTES - record.length_bytes) return -EMSGSIZE;
    record.length_bytes += (uint32_t)parts[i].length;
  }
  uint32_t record_bytes = rounded((uint32_t)sizeof record + record.length_bytes);
  uint32_t edge_bytes = ring->size_bytes - offset_of(ring, ring->own);
  uint32_t pad_bytes = record_bytes > edge_bytes ? edge_bytes : 0;

  int status = claim_room(ring, pad_bytes + record_bytes);
  if (status != 0) return status;
  if (pad_bytes > 0) put_pad(ring, pad_bytes);
  put_record(ring, record, parts, part_count);
  ring->records++;
  return publish_tail(ring);
}

int ring_consumed(struct ring *ring, uint64_t position)
{
  if (ring->broken || refresh_head(ring) != 0) return -EPROTO;
  return ring->cached >= position;
}

void ring_mark(struct ring *ring, uint64_t mark)
{
  __atomic_store_n(&ring->shared->mark, mark, __ATOMIC_RELAXED);
}

/* ---- Consumer -------------------------------------------------------------------------------------------------- */

/* The peer's index may only grow, by whole words, up to a ring's length ahead of us. 0 or -EPROTO. */
static int refresh_tail(struct ring *ring)
{
  uint64_t tail = __atomic_load_n(&ring->shared->tail, __ATOMIC_ACQUIRE);
  if (tail % WORD_BYTES != 0) return violated(ring);
  if (tail - ring->cached > ring->own + ring->size_bytes - ring->cached) return violated(ring);
  ring->cached = tail;
  return 0;
}

/* Copies words of a record head to private memory, each loaded exactly once: the peer may rewrite them between a
 * check and a use, so all checks and uses are of the copy. */
static void copy_words_once(struct ring_record *out, const unsigned char *from, size_t words)
{
  for (size_t i = 0; i < words; i++) {
    uint64_t word = __atomic_load_n((const shared_word *)(const void *)from + i, __ATOMIC_RELAXED);
    memcpy((unsigned char *)out + i * WORD_BYTES, &word, WORD_BYTES);
  }
}

static int is_known_kind(uint16_t kind)
{
  switch ((enum record_kind)kind) { /* no default: -Wswitch names a kind that is new in wire.h */
    case RECORD_START: case RECORD_STDIN: case RECORD_CANCEL: case RECORD_OUTPUT_CREDIT: case RECORD_TARGET:
    case RECORD_STOP: case RECORD_HELLO: case RECORD_PARKED: case RECORD_GONE: case RECORD_NOT_STARTED:
    case RECORD_STDOUT: case RECORD_STDERR: case RECORD_STDIN_CREDIT: case RECORD_END: case RECORD_ZYGOTE: case RECORD_LEARNED:
    case RECORD_FAILURE: case RECORD_LINGERING: case RECORD_READER_GONE:
    case RECORD_ASK: case RECORD_PING: case RECORD_FORGET: case RECORD_LOAD:
    case RECORD_READY: case RECORD_ANSWER: case RECORD_PONG:
      return 1;
    case RECORD_PAD:
      return 0;
  }
  return 0;
}

/* Steps over the bytes at `own`. They are zeroed before head lets anybody else near them. */
static void consume(struct ring *ring, uint32_t bytes)
{
  memset(ring->shared->data + offset_of(ring, ring->own), 0, bytes);
  ring->own += bytes;
}

/* Steps over a pad if there is one. A pad reaches exactly to the edge and is published together with the record
 * behind it, so at most one can lie in front of a record. 0 or -EPROTO. */
static int skip_pad(struct ring *ring)
{
  uint32_t offset = offset_of(ring, ring->own);
  uint32_t edge_bytes = ring->size_bytes - offset;
  struct ring_record first = { 0 };
  copy_words_once(&first, ring->shared->data + offset, 1);
  if (first.kind != RECORD_PAD) return 0;
  if (edge_bytes >= RECORD_MAX_BYTES || first.length_bytes != edge_bytes - WORD_BYTES) return violated(ring);
  if (ring->cached - ring->own <= edge_bytes) return violated(ring);
  consume(ring, edge_bytes);
  return 0;
}

int ring_read(struct ring *ring, struct ring_record *head, void *buf, size_t capacity)
{
  if (capacity < RECORD_PAYLOAD_MAX_BYTES) return -EINVAL;
  if (ring->broken) return -EPROTO;
  if (ring->cached == ring->own) {
    if (!has_magic(ring)) return violated(ring);
    if (refresh_tail(ring) != 0) return -EPROTO;
    if (ring->cached == ring->own) return 0;
  }
  if (skip_pad(ring) != 0) return -EPROTO;

  uint32_t offset = offset_of(ring, ring->own);
  uint32_t edge_bytes = ring->size_bytes - offset;
  uint64_t published_bytes = ring->cached - ring->own;
  uint32_t readable_bytes = published_bytes < edge_bytes ? (uint32_t)published_bytes : edge_bytes;
  if (readable_bytes < sizeof *head) return violated(ring);
  struct ring_record record;
  const unsigned char *at = ring->shared->data + offset;
  copy_words_once(&record, at, sizeof record / WORD_BYTES);
  if (record.length_bytes > RECORD_PAYLOAD_MAX_BYTES) return violated(ring);
  uint32_t record_bytes = rounded((uint32_t)sizeof record + record.length_bytes);
  if (record_bytes > readable_bytes || !is_known_kind(record.kind)) return violated(ring);

  *head = record;
  memcpy(buf, at + sizeof record, record.length_bytes);
  consume(ring, record_bytes);
  __atomic_store_n(&ring->shared->head, ring->own, __ATOMIC_RELEASE);
  ring->records++;
  return 1;
}

int ring_arm(struct ring *ring)
{
  if (ring->broken) return 1;
  __atomic_store_n(&ring->shared->need_wake, 1, __ATOMIC_RELAXED);
  /* Pairs with the fence in publish_tail. */
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (refresh_tail(ring) != 0) return 1;
  return ring->cached != ring->own;
}

/* Without a fence: a producer that still sees the flag rings once for nothing. */
void ring_disarm(struct ring *ring)
{
  __atomic_store_n(&ring->shared->need_wake, 0, __ATOMIC_RELAXED);
}

int ring_has_come(const struct ring *ring)
{
  return __atomic_load_n(&ring->shared->tail, __ATOMIC_RELAXED) != ring->own;
}

int ring_space_wanted(struct ring *ring)
{
  struct ring_shared *shared = ring->shared;
  /* Pairs with the fence in claim_room: head was published before, the flag is read after. */
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (__atomic_load_n(&shared->want_space, __ATOMIC_RELAXED) == 0) return 0;
  __atomic_store_n(&shared->want_space, 0, __ATOMIC_RELAXED);
  ring->wakeups++;
  return 1;
}

uint64_t ring_marked(const struct ring *ring)
{
  return __atomic_load_n(&ring->shared->mark, __ATOMIC_RELAXED);
}
