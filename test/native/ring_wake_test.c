#include <errno.h>

#include "ring_fixture.h"

TEST(a_reader_that_is_awake_gets_no_doorbell)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  CHECK_EQUAL(write_pattern(&pair.producer, 1, 10, 0), 0);
  CHECK_EQUAL(pair.producer.wakeups, 0);
  pair_close(&pair);
}

TEST(an_armed_reader_gets_one_doorbell_for_a_burst)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  CHECK_EQUAL(ring_arm(&pair.consumer), 0);
  CHECK_EQUAL(pair.shared->need_wake, 1);
  CHECK_EQUAL(write_pattern(&pair.producer, 1, 10, 0), 1);
  CHECK_EQUAL(pair.shared->need_wake, 0);
  CHECK_EQUAL(write_pattern(&pair.producer, 2, 10, 0), 0);
  CHECK_EQUAL(pair.producer.wakeups, 1);
  pair_close(&pair);
}

TEST(arming_looks_again_and_forbids_sleep_while_a_record_lies_there)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  CHECK_EQUAL(write_pattern(&pair.producer, 1, 10, 0), 0); /* published before the flag was set: no doorbell */
  CHECK_EQUAL(ring_arm(&pair.consumer), 1);
  struct ring_record head;
  int is_whole;
  CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
  CHECK_EQUAL(ring_arm(&pair.consumer), 0);
  pair_close(&pair);
}

TEST(arming_on_a_broken_ring_forbids_sleep)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  pair.shared->tail = 3;
  CHECK_EQUAL(ring_arm(&pair.consumer), 1);
  struct ring_record head;
  int is_whole;
  CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), -EPROTO);
  CHECK_EQUAL(ring_arm(&pair.consumer), 1);
  pair_close(&pair);
}

TEST(a_refused_write_that_finds_room_after_asking_goes_through)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  while (write_pattern(&pair.producer, 1, RECORD_PAYLOAD_MAX_BYTES, 0) == 0) continue;
  CHECK_EQUAL(pair.shared->want_space, 1);
  struct ring_record head;
  int is_whole;
  CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
  CHECK_EQUAL(ring_space_wanted(&pair.consumer), 1);
  CHECK_EQUAL(pair.shared->want_space, 0);
  CHECK_EQUAL(write_pattern(&pair.producer, 1, RECORD_PAYLOAD_MAX_BYTES, 0), 0);
  pair_close(&pair);
}

TEST(a_reader_that_looks_again_and_again_gets_no_doorbell_and_sees_what_has_come)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  CHECK_EQUAL(ring_arm(&pair.consumer), 0);
  ring_disarm(&pair.consumer);
  CHECK_EQUAL(ring_has_come(&pair.consumer), 0);
  CHECK_EQUAL(write_pattern(&pair.producer, 1, 10, 0), 0);
  CHECK_EQUAL(ring_has_come(&pair.consumer), 1);
  CHECK_EQUAL(ring_arm(&pair.consumer), 1);
  struct ring_record head;
  int is_whole;
  CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
  CHECK_EQUAL(ring_has_come(&pair.consumer), 0);
  CHECK_EQUAL(ring_arm(&pair.consumer), 0);
  CHECK_EQUAL(write_pattern(&pair.producer, 2, 10, 0), 1);
  pair_close(&pair);
}
