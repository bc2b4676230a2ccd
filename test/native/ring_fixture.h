/* A ring with both its ends in one process, and records whose payload is known from their call id. */
#ifndef HOOK_SUPERVISOR_TEST_RING_FIXTURE_H
#define HOOK_SUPERVISOR_TEST_RING_FIXTURE_H

#include "harness.h"
#include "ring.h"
#include "wire.h"

#define SMALLEST_RING_BYTES (256u * 1024)
#define GENERATION 7
#define HEAD_BYTES 24u
#define RECORD_MAX_BYTES (HEAD_BYTES + RECORD_PAYLOAD_MAX_BYTES)

struct ring_pair {
  struct ring_shared *shared; /* exactly ring_bytes long, so that the address sanitizer sees one byte too far */
  struct ring producer;
  struct ring consumer;
};

void pair_open(struct ring_pair *pair, uint32_t size_bytes);
void pair_close(struct ring_pair *pair);

/* The byte at index of the payload of call_id. Never 0, so that forgotten zeroing shows. */
unsigned char pattern_at(uint64_t call_id, uint32_t index);

/* Writes a RECORD_STDOUT with the call's pattern. As ring_write. */
int write_pattern(struct ring *producer, uint64_t call_id, uint32_t length_bytes, uint16_t flags);

/* Reads into a private buffer; *is_whole tells whether the payload is its call's pattern. As ring_read. */
int read_pattern(struct ring *consumer, struct ring_record *head, int *is_whole);

/* Writes and reads records until both ends stand at this offset of the first lap (0, or a multiple of 8 from 24). */
void pair_advance(struct ring_pair *pair, uint32_t offset);

int is_all_zero(const unsigned char *bytes, size_t length);

#endif
