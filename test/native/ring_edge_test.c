#include <errno.h>
#include <string.h>

#include "ring_fixture.h"

/* Two records written with `edge_bytes` left before the edge come back whole and leave nothing behind. */
static void check_around_edge(uint32_t edge_bytes, uint32_t length_bytes)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  pair_advance(&pair, SMALLEST_RING_BYTES - edge_bytes);
  uint64_t before = pair.producer.own;
  CHECK_EQUAL(write_pattern(&pair.producer, 100, length_bytes, 0), 0);
  uint32_t record_bytes = (HEAD_BYTES + length_bytes + 7) & ~7u;
  uint32_t pad_bytes = record_bytes > edge_bytes ? edge_bytes : 0;
  CHECK_EQUAL(pair.shared->tail - before, pad_bytes + record_bytes);
  CHECK_EQUAL(write_pattern(&pair.producer, 101, 3, 0), 0);

  struct ring_record head;
  int is_whole;
  for (uint64_t call_id = 100; call_id <= 101; call_id++) {
    CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
    CHECK_EQUAL(head.call_id, call_id);
    CHECK_EQUAL(head.length_bytes, call_id == 100 ? length_bytes : 3);
    CHECK(is_whole);
  }
  CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 0);
  CHECK_EQUAL(pair.shared->head, pair.shared->tail);
  CHECK(is_all_zero(pair.shared->data, SMALLEST_RING_BYTES));
  pair_close(&pair);
}

TEST(records_of_every_length_survive_every_distance_from_the_edge)
{
  static const uint32_t lengths[] = { 0, 1, 7, 8, 9, 40, 41, 200 };
  for (uint32_t edge_bytes = 8; edge_bytes <= 240; edge_bytes += 8)
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) check_around_edge(edge_bytes, lengths[i]);
}

TEST(the_longest_record_survives_the_edges_where_it_just_fits_and_just_does_not)
{
  static const uint32_t lengths[] = { RECORD_PAYLOAD_MAX_BYTES, RECORD_PAYLOAD_MAX_BYTES - 1,
                                      RECORD_PAYLOAD_MAX_BYTES - 8 };
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    for (uint32_t edge_bytes = 8; edge_bytes <= 64; edge_bytes += 8) check_around_edge(edge_bytes, lengths[i]);
    for (uint32_t edge_bytes = RECORD_MAX_BYTES - 32; edge_bytes <= RECORD_MAX_BYTES + 32; edge_bytes += 8)
      check_around_edge(edge_bytes, lengths[i]);
  }
}

TEST(a_pad_is_not_written_without_room_for_the_record_behind_it)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  pair_advance(&pair, RECORD_MAX_BYTES);
  uint32_t left_bytes = SMALLEST_RING_BYTES - RECORD_MAX_BYTES;
  while (left_bytes >= RECORD_MAX_BYTES) {
    CHECK_EQUAL(write_pattern(&pair.producer, 2, RECORD_PAYLOAD_MAX_BYTES, 0), 0);
    left_bytes -= RECORD_MAX_BYTES;
  }
  /* Free: left_bytes before the edge and one longest record after it. Both are filled, to 8 bytes. */
  CHECK_EQUAL(write_pattern(&pair.producer, 3, left_bytes - HEAD_BYTES - 8, 0), 0);
  uint64_t before = pair.producer.own;
  struct ring_record head;
  int is_whole;
  CHECK_EQUAL(write_pattern(&pair.producer, 4, RECORD_PAYLOAD_MAX_BYTES, 0), 0); /* 8 of pad and all that is free */
  CHECK_EQUAL(pair.producer.own - before, 8 + RECORD_MAX_BYTES);
  CHECK_EQUAL(write_pattern(&pair.producer, 5, 0, 0), -EAGAIN);
  for (int i = 0; i < 4; i++) {
    CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
    CHECK(is_whole);
  }
  CHECK_EQUAL(head.call_id, 4);
  pair_close(&pair);

  pair_open(&pair, SMALLEST_RING_BYTES);
  pair_advance(&pair, HEAD_BYTES);
  for (int i = 0; i < 3; i++) CHECK_EQUAL(write_pattern(&pair.producer, 2, RECORD_PAYLOAD_MAX_BYTES, 0), 0);
  before = pair.producer.own; /* 65 440 bytes to the edge, 24 free behind it */
  CHECK_EQUAL(write_pattern(&pair.producer, 3, RECORD_PAYLOAD_MAX_BYTES, 0), -EAGAIN);
  CHECK_EQUAL(pair.producer.own, before);
  CHECK(is_all_zero(pair.shared->data + before, SMALLEST_RING_BYTES - before));
  pair_close(&pair);
}

TEST(consumed_bytes_are_zero_before_the_next_record_is_read)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  struct ring_record head;
  int is_whole;
  for (uint64_t call_id = 1; call_id <= 3; call_id++) write_pattern(&pair.producer, call_id, 1000, 0);
  for (uint32_t read = 1; read <= 3; read++) {
    CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
    CHECK(is_all_zero(pair.shared->data, read * (HEAD_BYTES + 1000)));
    if (read < 3) CHECK(!is_all_zero(pair.shared->data + read * (HEAD_BYTES + 1000), 1));
  }
  pair_close(&pair);
}

TEST(fragments_of_one_message_arrive_in_order_with_more_on_all_but_the_last)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  static const uint32_t lengths[] = { RECORD_PAYLOAD_MAX_BYTES, RECORD_PAYLOAD_MAX_BYTES, 17 };
  struct ring_record head;
  int is_whole;
  for (int lap = 0; lap < 20; lap++) {
    for (int i = 0; i < 3; i++)
      CHECK_EQUAL(write_pattern(&pair.producer, 50, lengths[i], i < 2 ? RECORD_MORE : 0), 0);
    for (int i = 0; i < 3; i++) {
      CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
      CHECK(is_whole);
      CHECK_EQUAL(head.length_bytes, lengths[i]);
      CHECK_EQUAL(head.flags, i < 2 ? RECORD_MORE : 0);
    }
  }
  pair_close(&pair);
}

TEST(ten_thousand_random_records_through_many_laps_stay_whole)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  struct random_source random = { 2026 };
  struct ring_record head;
  int is_whole;
  uint64_t next_read = 1;
  for (uint64_t call_id = 1; call_id <= 10000; call_id++) {
    uint32_t length_bytes = random_below(&random, random_below(&random, 20) == 0 ? RECORD_PAYLOAD_MAX_BYTES + 1 : 600);
    int status;
    while ((status = write_pattern(&pair.producer, call_id, length_bytes, 0)) == -EAGAIN) {
      CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
      CHECK(is_whole && head.call_id == next_read);
      next_read++;
    }
    CHECK_EQUAL(status, 0);
  }
  while (read_pattern(&pair.consumer, &head, &is_whole) == 1) CHECK(is_whole && head.call_id == next_read++);
  CHECK_EQUAL(next_read, 10001);
  CHECK(pair.shared->tail > 20ull * SMALLEST_RING_BYTES);
  CHECK(is_all_zero(pair.shared->data, SMALLEST_RING_BYTES));
  pair_close(&pair);
}
