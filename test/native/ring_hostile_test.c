/* The peer of a ring may be hostile: it can write anything anywhere in the mapping, at any time. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "ring_fixture.h"

static int read_status(struct ring_pair *pair)
{
  struct ring_record head;
  int is_whole;
  return read_pattern(&pair->consumer, &head, &is_whole);
}

static void check_refused_for_good(struct ring_pair *pair)
{
  CHECK_EQUAL(read_status(pair), -EPROTO);
  CHECK_EQUAL(pair->consumer.broken, 1);
  CHECK_EQUAL(read_status(pair), -EPROTO);
  pair_close(pair);
}

TEST(a_tail_that_cannot_be_is_refused)
{
  static const uint64_t tails[] = { 4, 8, SMALLEST_RING_BYTES + 8, 1ull << 40, UINT64_MAX, UINT64_MAX - 7,
                                    1ull << 63 };
  for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
    struct ring_pair pair;
    pair_open(&pair, SMALLEST_RING_BYTES);
    pair.shared->tail = tails[i];
    check_refused_for_good(&pair);
  }
}

TEST(a_tail_that_goes_back_is_refused)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  pair_advance(&pair, 4096);
  pair.shared->tail = 4088;
  check_refused_for_good(&pair);

  pair_open(&pair, SMALLEST_RING_BYTES); /* also while records seen before lie unread */
  write_pattern(&pair.producer, 1, 8, 0);
  write_pattern(&pair.producer, 2, 8, 0);
  CHECK_EQUAL(read_status(&pair), 1);
  pair.shared->tail = 32;
  CHECK_EQUAL(ring_arm(&pair.consumer), 1);
  check_refused_for_good(&pair);
}

TEST(a_head_that_cannot_be_is_refused_by_the_producer)
{
  static const uint64_t heads[] = { 3, SMALLEST_RING_BYTES * 2, UINT64_MAX - 7, 1ull << 63 };
  for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
    struct ring_pair pair;
    pair_open(&pair, SMALLEST_RING_BYTES);
    while (write_pattern(&pair.producer, 1, RECORD_PAYLOAD_MAX_BYTES, 0) == 0) continue;
    pair.shared->head = heads[i];
    CHECK_EQUAL(write_pattern(&pair.producer, 1, RECORD_PAYLOAD_MAX_BYTES, 0), -EPROTO);
    pair.shared->head = 0;
    CHECK_EQUAL(write_pattern(&pair.producer, 1, 0, 0), -EPROTO);
    CHECK_EQUAL(ring_consumed(&pair.producer, 0), -EPROTO);
    pair_close(&pair);
  }
}

TEST(a_head_that_goes_back_is_refused_by_the_producer)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  pair_advance(&pair, 4096);
  CHECK_EQUAL(ring_consumed(&pair.producer, 4096), 1);
  pair.shared->head = 4088;
  CHECK_EQUAL(ring_consumed(&pair.producer, 4096), -EPROTO);
  pair_close(&pair);
}

TEST(a_scribbled_header_is_refused_by_both_sides)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  pair.shared->magic = 0;
  CHECK_EQUAL(write_pattern(&pair.producer, 1, 1, 0), -EPROTO);
  check_refused_for_good(&pair);
}

/* Plants a record head with `edge_bytes` before the edge, an empty record of kind_behind_edge behind it, and that many
 * published bytes; returns what the reader says. */
static int read_two_planted(uint32_t edge_bytes, uint64_t published_bytes, uint32_t length_bytes, uint16_t kind,
                            uint16_t kind_behind_edge)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  pair_advance(&pair, SMALLEST_RING_BYTES - edge_bytes);
  struct ring_record head = { .length_bytes = length_bytes, .kind = kind };
  memcpy(pair.shared->data + SMALLEST_RING_BYTES - edge_bytes, &head, edge_bytes < sizeof head ? 8 : sizeof head);
  pair.shared->data[4] = (unsigned char)kind_behind_edge;
  pair.shared->tail += published_bytes;
  int status = read_status(&pair);
  CHECK_EQUAL(pair.consumer.broken, status == -EPROTO);
  pair_close(&pair);
  return status;
}

static int read_planted(uint32_t edge_bytes, uint64_t published_bytes, uint32_t length_bytes, uint16_t kind)
{
  return read_two_planted(edge_bytes, published_bytes, length_bytes, kind, 0);
}

TEST(a_tail_inside_a_word_is_refused)
{
  CHECK_EQUAL(read_planted(4096, 28, 0, RECORD_END), -EPROTO);
  CHECK_EQUAL(read_planted(4096, 31, 0, RECORD_END), -EPROTO);
}

TEST(a_length_beyond_what_was_published_is_refused)
{
  CHECK_EQUAL(read_planted(4096, 24, 0, RECORD_END), 1);
  CHECK_EQUAL(read_planted(4096, 32, 8, RECORD_END), 1);
  CHECK_EQUAL(read_planted(4096, 32, 9, RECORD_END), -EPROTO);
  CHECK_EQUAL(read_planted(4096, 16, 0, RECORD_END), -EPROTO);
  CHECK_EQUAL(read_planted(4096, 8, 0, RECORD_END), -EPROTO);
}

TEST(a_length_beyond_the_edge_is_refused)
{
  CHECK_EQUAL(read_planted(64, 4096, 40, RECORD_END), 1);
  CHECK_EQUAL(read_planted(64, 4096, 41, RECORD_END), -EPROTO);
  CHECK_EQUAL(read_planted(16, 4096, 0, RECORD_END), -EPROTO); /* the head itself would cross it */
  CHECK_EQUAL(read_planted(8, 4096, 0, RECORD_END), -EPROTO);
}

TEST(a_length_beyond_the_longest_payload_is_refused)
{
  CHECK_EQUAL(read_planted(SMALLEST_RING_BYTES - 24, 200000, RECORD_PAYLOAD_MAX_BYTES, RECORD_END), 1);
  CHECK_EQUAL(read_planted(SMALLEST_RING_BYTES - 24, 200000, RECORD_PAYLOAD_MAX_BYTES + 1, RECORD_END), -EPROTO);
  CHECK_EQUAL(read_planted(4096, 4096, UINT32_MAX, RECORD_END), -EPROTO);
  CHECK_EQUAL(read_planted(4096, 4096, UINT32_MAX - 23, RECORD_END), -EPROTO); /* 24 more wrap round to 0 */
}

TEST(an_unknown_kind_is_refused)
{
  static const uint16_t known[] = { 1,  2,  3,  4,  5,  6,  7,  32, 33, 34, 35, 36, 37,
                                    38, 39, 40, 41, 42, 43, 64, 65, 66, 67, 80, 81, 82 };
  size_t at = 0;
  for (uint32_t kind = 0; kind < RECORD_PAD; kind++) {
    if (kind > 96 && kind % 977 != 0) continue;
    int is_known = at < sizeof known / sizeof known[0] && known[at] == kind;
    at += (size_t)is_known;
    CHECK_EQUAL(read_planted(64, 24, 0, (uint16_t)kind), is_known ? 1 : -EPROTO);
  }
}

static int read_behind_pad(uint32_t edge_bytes, uint64_t published_bytes, uint32_t pad_length_bytes)
{
  return read_two_planted(edge_bytes, published_bytes, pad_length_bytes, RECORD_PAD, RECORD_END);
}

TEST(a_pad_that_does_not_end_at_the_edge_or_hides_nothing_is_refused)
{
  CHECK_EQUAL(read_behind_pad(64, 64 + 24, 56), 1);
  CHECK_EQUAL(read_behind_pad(8, 8 + 24, 0), 1);
  CHECK_EQUAL(read_behind_pad(64, 64, 56), -EPROTO);      /* nothing behind it: a reader would come back for ever */
  CHECK_EQUAL(read_behind_pad(64, 32, 56), -EPROTO);      /* longer than what was published */
  CHECK_EQUAL(read_behind_pad(64, 64 + 24, 48), -EPROTO); /* short of the edge */
  CHECK_EQUAL(read_behind_pad(64, 64 + 24, 64), -EPROTO); /* beyond the edge */
  CHECK_EQUAL(read_behind_pad(64, 64 + 16, 56), -EPROTO); /* half a head behind it */
  CHECK_EQUAL(read_behind_pad(RECORD_MAX_BYTES - 8, RECORD_MAX_BYTES + 16, RECORD_MAX_BYTES - 16), 1);
  CHECK_EQUAL(read_behind_pad(RECORD_MAX_BYTES, RECORD_MAX_BYTES + 24, RECORD_MAX_BYTES - 8), -EPROTO);
  CHECK_EQUAL(read_two_planted(64, 64 + 24, 56, RECORD_PAD, 0), -EPROTO);
}

TEST(a_pad_behind_a_pad_is_refused)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  pair_advance(&pair, SMALLEST_RING_BYTES - 64);
  struct ring_record pad = { .length_bytes = 56, .kind = RECORD_PAD };
  memcpy(pair.shared->data + SMALLEST_RING_BYTES - 64, &pad, 8);
  pad.length_bytes = SMALLEST_RING_BYTES - 8;
  memcpy(pair.shared->data, &pad, 8);
  pair.shared->tail += SMALLEST_RING_BYTES;
  check_refused_for_good(&pair);
}

struct scribbler { struct ring_record *victim; int stop; };

/* Swaps a short and a long length, both of which pass alone. */
static void *scribble(void *argument)
{
  struct scribbler *scribbler = argument;
  for (uint32_t i = 0; !__atomic_load_n(&scribbler->stop, __ATOMIC_RELAXED); i++)
    __atomic_store_n(&scribbler->victim->length_bytes, i % 2 ? 8 : 60000, __ATOMIC_RELAXED);
  return NULL;
}

TEST(a_length_that_changes_during_the_read_is_used_as_it_was_checked)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  struct scribbler scribbler = { .victim = (struct ring_record *)(void *)pair.shared->data };
  scribbler.victim->kind = RECORD_STDOUT;
  pair.shared->tail = 60024;
  pthread_t thread;
  CHECK_EQUAL(pthread_create(&thread, NULL, scribble, &scribbler), 0);
  unsigned char *payload = malloc(RECORD_PAYLOAD_MAX_BYTES);
  int bad = 0, short_reads = 0, long_reads = 0;
  for (int i = 0; i < 1000; i++) {
    /* The last read zeroed it: wait until the scribbler is back. */
    while (__atomic_load_n(&scribbler.victim->length_bytes, __ATOMIC_RELAXED) == 0) sched_yield();
    struct ring reader = { .shared = pair.shared, .size_bytes = SMALLEST_RING_BYTES };
    struct ring_record head;
    __atomic_store_n(&pair.shared->data[4], RECORD_STDOUT, __ATOMIC_RELAXED);
    payload[8] = payload[59999] = 0xaa; /* the planted payload is all zero */
    bad += ring_read(&reader, &head, payload, RECORD_PAYLOAD_MAX_BYTES) != 1;
    int is_long = payload[8] == 0 && payload[59999] == 0, is_short = payload[8] == 0xaa && payload[59999] == 0xaa;
    long_reads += head.length_bytes == 60000 && is_long && reader.own == 60024;
    short_reads += head.length_bytes == 8 && is_short && reader.own == 32;
    bad += !(head.length_bytes == 60000 && is_long && reader.own == 60024) &&
           !(head.length_bytes == 8 && is_short && reader.own == 32);
  }
  __atomic_store_n(&scribbler.stop, 1, __ATOMIC_RELAXED);
  pthread_join(thread, NULL);
  free(payload);
  pair_close(&pair);
  CHECK_EQUAL(bad, 0);
  CHECK(short_reads > 0 && long_reads > 0);
}
