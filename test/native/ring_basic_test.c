#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ring_fixture.h"

TEST(format_refuses_sizes_that_are_no_power_of_two_or_too_small)
{
  struct ring_shared shared = { 0 };
  CHECK_EQUAL(ring_format(&shared, 0, 1), -EINVAL);
  CHECK_EQUAL(ring_format(&shared, 128 * 1024, 1), -EINVAL); /* under two longest records */
  CHECK_EQUAL(ring_format(&shared, 384 * 1024, 1), -EINVAL);
  CHECK_EQUAL(shared.magic, 0);
  CHECK_EQUAL(ring_format(&shared, 256 * 1024, 1), 0);
}

static int attach_after(void (*damage)(struct ring_shared *), size_t mapped_bytes, uint64_t generation)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  damage(pair.shared);
  struct ring ring;
  int status = ring_attach(&ring, pair.shared, mapped_bytes, generation);
  pair_close(&pair);
  return status;
}
static void leave_alone(struct ring_shared *shared) { (void)shared; }
static void wrong_magic(struct ring_shared *shared) { shared->magic ^= 1; }
static void wrong_version(struct ring_shared *shared) { shared->version++; }
static void larger_than_mapped(struct ring_shared *shared) { shared->size_bytes *= 2; }
static void odd_size(struct ring_shared *shared) { shared->size_bytes -= 8; }
static void zero_size(struct ring_shared *shared) { shared->size_bytes = 0; }
static void consumed_before(struct ring_shared *shared) { shared->head = 24; }

TEST(attach_accepts_only_the_ring_that_was_made_for_it)
{
  size_t whole = ring_bytes(SMALLEST_RING_BYTES);
  CHECK_EQUAL(attach_after(leave_alone, whole, GENERATION), 0);
  CHECK_EQUAL(attach_after(leave_alone, whole, GENERATION + 1), -EPROTO);
  CHECK_EQUAL(attach_after(leave_alone, whole - 1, GENERATION), -EPROTO);
  CHECK_EQUAL(attach_after(leave_alone, sizeof(struct ring_shared) - 1, GENERATION), -EPROTO);
  CHECK_EQUAL(attach_after(wrong_magic, whole, GENERATION), -EPROTO);
  CHECK_EQUAL(attach_after(wrong_version, whole, GENERATION), -EPROTO);
  CHECK_EQUAL(attach_after(larger_than_mapped, whole, GENERATION), -EPROTO);
  CHECK_EQUAL(attach_after(odd_size, whole, GENERATION), -EPROTO);
  CHECK_EQUAL(attach_after(zero_size, whole, GENERATION), -EPROTO);
  CHECK_EQUAL(attach_after(consumed_before, whole, GENERATION), -EPROTO);
}

TEST(a_record_comes_back_with_every_field_and_its_parts_joined)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  struct ring_record sent = {
    .length_bytes = 999, .kind = RECORD_START, .flags = RECORD_MORE, .call_id = 0x1122334455667788, .slot = 5,
    .generation = 77
  };
  struct ring_part parts[] = { { "ab", 2 }, { NULL, 0 }, { "cde", 3 } };
  CHECK_EQUAL(ring_write(&pair.producer, &sent, parts, 3), 0);
  struct ring_record got;
  char payload[RECORD_PAYLOAD_MAX_BYTES] = "";
  CHECK_EQUAL(ring_read(&pair.consumer, &got, payload, sizeof payload), 1);
  CHECK_EQUAL(got.length_bytes, 5);
  CHECK_EQUAL(got.kind, RECORD_START);
  CHECK_EQUAL(got.flags, RECORD_MORE);
  CHECK_EQUAL(got.call_id, 0x1122334455667788);
  CHECK_EQUAL(got.slot, 5);
  CHECK_EQUAL(got.generation, 77);
  CHECK(memcmp(payload, "abcde", 6) == 0);
  CHECK_EQUAL(ring_read(&pair.consumer, &got, payload, sizeof payload), 0);
  CHECK_EQUAL(pair.producer.records, 1);
  CHECK_EQUAL(pair.consumer.records, 1);
  pair_close(&pair);
}

TEST(the_longest_payload_passes_and_one_byte_more_is_refused)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  struct ring_record head = { .kind = RECORD_STDOUT };
  struct ring_part parts[] = { { &head, 1 }, { &head, RECORD_PAYLOAD_MAX_BYTES } };
  CHECK_EQUAL(ring_write(&pair.producer, &head, parts, 2), -EMSGSIZE);
  struct ring_part overflowing[] = { { &head, 1 }, { &head, SIZE_MAX } };
  CHECK_EQUAL(ring_write(&pair.producer, &head, overflowing, 2), -EMSGSIZE);
  CHECK_EQUAL(pair.shared->tail, 0);

  int is_whole;
  CHECK_EQUAL(write_pattern(&pair.producer, 4, RECORD_PAYLOAD_MAX_BYTES, 0), 0);
  CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
  CHECK_EQUAL(head.length_bytes, RECORD_PAYLOAD_MAX_BYTES);
  CHECK(is_whole);
  pair_close(&pair);
}

TEST(a_buffer_that_could_be_too_short_is_refused_before_anything_is_consumed)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  CHECK_EQUAL(write_pattern(&pair.producer, 1, 1, 0), 0);
  struct ring_record head;
  char payload[16];
  CHECK_EQUAL(ring_read(&pair.consumer, &head, payload, sizeof payload), -EINVAL);
  int is_whole;
  CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
  CHECK(is_whole);
  pair_close(&pair);
}

TEST(a_ring_fills_to_the_last_byte_then_refuses_then_asks_for_room)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  uint32_t capacity = SMALLEST_RING_BYTES / (HEAD_BYTES + 8);
  for (uint32_t i = 0; i < capacity; i++) CHECK_EQUAL(write_pattern(&pair.producer, i, 8, 0), 0);
  CHECK_EQUAL(pair.shared->tail - pair.shared->head, SMALLEST_RING_BYTES);
  CHECK_EQUAL(pair.shared->want_space, 0);
  CHECK_EQUAL(write_pattern(&pair.producer, capacity, 0, 0), -EAGAIN);
  CHECK_EQUAL(pair.shared->want_space, 1);
  CHECK_EQUAL(pair.producer.records, capacity);

  struct ring_record head;
  int is_whole;
  for (uint32_t i = 0; i < capacity; i++) {
    CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
    CHECK(is_whole && head.call_id == i);
  }
  CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 0);
  CHECK_EQUAL(ring_space_wanted(&pair.consumer), 1);
  CHECK_EQUAL(ring_space_wanted(&pair.consumer), 0);
  CHECK_EQUAL(pair.consumer.wakeups, 1);
  CHECK_EQUAL(write_pattern(&pair.producer, capacity, 0, 0), 0);
  pair_close(&pair);
}

TEST(the_producer_can_tell_what_has_been_consumed)
{
  struct ring_pair pair;
  pair_open(&pair, SMALLEST_RING_BYTES);
  struct ring_record head;
  int is_whole;
  write_pattern(&pair.producer, 1, 10, 0);
  uint64_t first = pair.producer.own;
  write_pattern(&pair.producer, 2, 10, 0);
  uint64_t second = pair.producer.own;
  CHECK_EQUAL(ring_consumed(&pair.producer, first), 0);
  CHECK_EQUAL(read_pattern(&pair.consumer, &head, &is_whole), 1);
  CHECK_EQUAL(ring_consumed(&pair.producer, first), 1);
  CHECK_EQUAL(ring_consumed(&pair.producer, second), 0);
  pair_close(&pair);
}
