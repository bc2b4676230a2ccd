/* Coverage-guided: the input is what a hostile peer does to the shared memory between our own steps as reader and writer. The
 * sanitizers judge what is read; here it is judged what is said. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ring.h"
#include "wire.h"

#define RING_BYTES (256u * 1024)
#define MUST(condition) do { if (!(condition)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

struct input { const unsigned char *at, *end; };

static uint64_t number(struct input *input, size_t width)
{
  uint64_t value = 0;
  size_t left = (size_t)(input->end - input->at);
  memcpy(&value, input->at, width < left ? width : left);
  input->at += width < left ? width : left;
  return value;
}

struct fixture {
  struct ring_shared *shared; /* exactly its size: the sanitizer sees one byte too far */
  unsigned char *payload, *zeros;
  struct ring reader, writer; /* of two rings that share one memory: each is attacked alone */
  int reader_refused, writer_refused;
};

static void read_one(struct fixture *it)
{
  struct ring_record head;
  uint64_t before = it->reader.own;
  int status = ring_read(&it->reader, &head, it->payload, RECORD_PAYLOAD_MAX_BYTES);
  MUST(status == 0 || status == 1 || status == -EPROTO);
  MUST(!it->reader_refused || status == -EPROTO);
  if (status != 1) return;
  MUST(head.length_bytes <= RECORD_PAYLOAD_MAX_BYTES && head.kind != RECORD_PAD && head.kind != 0);
  MUST(it->reader.own > before && it->reader.own <= it->reader.cached && it->reader.own % 8 == 0);
  /* Only a pad can lie before the edge, and then the record lies at the beginning. */
  uint32_t record_bytes = ((uint32_t)sizeof head + head.length_bytes + 7) & ~7u;
  MUST(memcmp(it->shared->data + (it->reader.own - record_bytes) % RING_BYTES, it->zeros, record_bytes) == 0);
}

static void write_one(struct fixture *it, uint32_t length)
{
  struct ring_record head = { .kind = RECORD_STDOUT };
  struct ring_part part = { it->payload, length };
  int status = ring_write(&it->writer, &head, &part, 1);
  MUST(status == 0 || status == 1 || status == -EAGAIN || status == -EPROTO ||
       (status == -EMSGSIZE && length > RECORD_PAYLOAD_MAX_BYTES));
  MUST(!it->writer_refused || status == -EPROTO);
  MUST(it->writer.broken || it->writer.own - it->writer.cached <= RING_BYTES);
}

static void attach_to(struct fixture *it, uint64_t mapped_bytes)
{
  struct ring ring;
  if (mapped_bytes > ring_bytes(RING_BYTES)) mapped_bytes = ring_bytes(RING_BYTES);
  int status = ring_attach(&ring, it->shared, mapped_bytes, 1);
  MUST(status == -EPROTO || (status == 0 && ring.size_bytes <= mapped_bytes - sizeof *it->shared));
}

/* Where the reader looks next. Mostly lengths near those that decide something. */
static void plant_head(struct ring_shared *shared, uint32_t offset, struct input *input)
{
  static const uint16_t kinds[] = { RECORD_PAD, RECORD_END, RECORD_STDOUT };
  uint32_t edge_bytes = RING_BYTES - offset, choice = (uint32_t)number(input, 1);
  uint32_t lengths[] = { edge_bytes - 8, edge_bytes - 24, RECORD_PAYLOAD_MAX_BYTES, 0 };
  struct ring_record record = { .kind = kinds[choice % 3], .length_bytes = lengths[choice / 3 % 4] };
  if (choice & 64) record.length_bytes += (uint32_t)number(input, 1) - 64;
  if (choice & 128) record.length_bytes += (uint32_t)number(input, 4);
  memcpy(shared->data + offset, &record, edge_bytes < sizeof record ? 8 : sizeof record);
}

static void step(struct fixture *it, struct input *input)
{
  struct ring_shared *shared = it->shared;
  uint32_t offset = (uint32_t)(it->reader.own % RING_BYTES), edge_bytes = RING_BYTES - offset;
  switch (number(input, 1) % 13) {
    case 0: read_one(it); break;
    case 1: write_one(it, (uint32_t)number(input, 2)); break;
    case 2: write_one(it, RECORD_PAYLOAD_MAX_BYTES - 64 + (uint32_t)number(input, 1)); break;
    case 3: shared->tail = it->reader.own + number(input, 2) + (number(input, 1) % 2 ? edge_bytes : 0); break;
    case 4: shared->tail = number(input, 8); break;
    case 5: shared->head = it->writer.cached + number(input, 2) * 8; break;
    case 6: shared->head = number(input, 8); break;
    case 7: plant_head(shared, offset, input); break;
    case 8: { /* the longest record, or one that ends a few words before the edge */
      uint32_t taken_bytes = RECORD_PAYLOAD_MAX_BYTES + (uint32_t)sizeof(struct ring_record);
      if (edge_bytes <= taken_bytes) taken_bytes = edge_bytes - 8 * (uint32_t)number(input, 1);
      if (taken_bytes > edge_bytes || taken_bytes < sizeof(struct ring_record)) break;
      struct ring_record record = { .length_bytes = taken_bytes - (uint32_t)sizeof record, .kind = RECORD_END };
      memcpy(shared->data + offset, &record, sizeof record);
      shared->tail = it->reader.own + taken_bytes;
      read_one(it);
      break;
    }
    case 9: MUST((unsigned)ring_arm(&it->reader) <= 1); break;
    case 10: MUST(ring_consumed(&it->writer, number(input, 4)) >= -EPROTO); break;
    case 11: shared->data[number(input, 4) % RING_BYTES] = (unsigned char)number(input, 1); break;
    default: { /* the fixed part */
      size_t at = number(input, 1) % 24;
      memcpy((unsigned char *)shared + at, &(uint64_t){ number(input, 8) }, 8);
      attach_to(it, number(input, 4));
    }
  }
  it->reader_refused |= it->reader.broken;
  it->writer_refused |= it->writer.broken;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
  static struct fixture it;
  if (it.shared == NULL) {
    it.shared = malloc(ring_bytes(RING_BYTES));
    it.payload = malloc(RECORD_PAYLOAD_MAX_BYTES);
    it.zeros = calloc(1, RECORD_PAYLOAD_MAX_BYTES + sizeof(struct ring_record));
    MUST(it.shared != NULL && it.payload != NULL && it.zeros != NULL);
    memset(it.payload, 1, RECORD_PAYLOAD_MAX_BYTES);
  }
  memset(it.shared, 0, ring_bytes(RING_BYTES));
  it.reader_refused = it.writer_refused = 0;
  MUST(ring_format(it.shared, RING_BYTES, 1) == 0);
  MUST(ring_attach(&it.reader, it.shared, ring_bytes(RING_BYTES), 1) == 0);
  MUST(ring_attach(&it.writer, it.shared, ring_bytes(RING_BYTES), 1) == 0);
  struct input input = { bytes, bytes + length };
  while (input.at < input.end) step(&it, &input);
  return 0;
}
