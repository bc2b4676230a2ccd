#include "ring_fixture.h"

#include <stdlib.h>

void pair_open(struct ring_pair *pair, uint32_t size_bytes)
{
  pair->shared = calloc(1, ring_bytes(size_bytes));
  CHECK(pair->shared != NULL);
  CHECK_EQUAL(ring_format(pair->shared, size_bytes, GENERATION), 0);
  CHECK_EQUAL(ring_attach(&pair->producer, pair->shared, ring_bytes(size_bytes), GENERATION), 0);
  CHECK_EQUAL(ring_attach(&pair->consumer, pair->shared, ring_bytes(size_bytes), GENERATION), 0);
}

void pair_close(struct ring_pair *pair)
{
  free(pair->shared);
  pair->shared = NULL;
}

unsigned char pattern_at(uint64_t call_id, uint32_t index)
{
  return (unsigned char)(1 + (call_id * 31 + index * 7) % 255);
}

int write_pattern(struct ring *producer, uint64_t call_id, uint32_t length_bytes, uint16_t flags)
{
  static _Thread_local unsigned char payload[RECORD_PAYLOAD_MAX_BYTES];
  for (uint32_t i = 0; i < length_bytes; i++) payload[i] = pattern_at(call_id, i);
  struct ring_record head = { .kind = RECORD_STDOUT, .flags = flags, .call_id = call_id, .slot = 3, .generation = 9 };
  struct ring_part part = { payload, length_bytes };
  return ring_write(producer, &head, &part, 1);
}

int read_pattern(struct ring *consumer, struct ring_record *head, int *is_whole)
{
  static _Thread_local unsigned char payload[RECORD_PAYLOAD_MAX_BYTES];
  *is_whole = 0;
  int status = ring_read(consumer, head, payload, sizeof payload);
  if (status != 1) return status;
  for (uint32_t i = 0; i < head->length_bytes; i++)
    if (payload[i] != pattern_at(head->call_id, i)) return status;
  *is_whole = head->kind == RECORD_STDOUT && head->slot == 3 && head->generation == 9;
  return status;
}

void pair_advance(struct ring_pair *pair, uint32_t offset)
{
  struct ring_record head;
  int is_whole;
  while (offset > 0) {
    uint32_t step = offset < RECORD_MAX_BYTES ? offset : RECORD_MAX_BYTES;
    if (offset > step && offset - step < HEAD_BYTES) step -= HEAD_BYTES; /* leave room for one more record */
    CHECK(write_pattern(&pair->producer, 1, step - HEAD_BYTES, 0) >= 0);
    CHECK_EQUAL(read_pattern(&pair->consumer, &head, &is_whole), 1);
    offset -= step;
  }
}

int is_all_zero(const unsigned char *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (bytes[i] != 0) return 0;
  return 1;
}
