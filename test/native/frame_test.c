#include "frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

/* Asks with exactly `length` readable bytes, so that the address sanitizer sees one byte too far. */
static int next_of(enum frame_peer peer, const unsigned char *bytes, size_t length, struct frame_header *header,
                   size_t *need_bytes)
{
  unsigned char *exact = malloc(length > 0 ? length : 1);
  memcpy(exact, bytes, length);
  int status = frame_next(peer, length > 0 ? exact : exact + 1, length, header, need_bytes);
  free(exact);
  return status;
}

TEST(a_stream_split_at_every_byte_gives_the_same_frames)
{
  unsigned char stream[16 + 5 + 16 + 0 + 16 + 300];
  frame_put_header(stream, FRAME_STDIN, 11, 5);
  memset(stream + 16, 'x', 5);
  frame_put_header(stream + 21, FRAME_STDIN_END, 12, 0);
  frame_put_header(stream + 37, FRAME_STDIN, 13, 300);
  memset(stream + 53, 'y', 300);
  static const size_t ends[] = { 21, 37, sizeof stream };
  size_t start = 0;
  for (int frame = 0; frame < 3; frame++) {
    struct frame_header header;
    size_t need_bytes;
    for (size_t length = 0; start + length < ends[frame]; length++) {
      CHECK_EQUAL(next_of(FRAME_FROM_CLIENT, stream + start, length, &header, &need_bytes), 0);
      CHECK_EQUAL(need_bytes, length < 16 ? 16 : ends[frame] - start);
    }
    for (size_t length = ends[frame] - start; start + length <= sizeof stream; length++) {
      CHECK_EQUAL(next_of(FRAME_FROM_CLIENT, stream + start, length, &header, &need_bytes), 1);
      CHECK_EQUAL(header.call_id, 11 + frame);
      CHECK_EQUAL(16 + header.length_bytes, ends[frame] - start);
    }
    start = ends[frame];
  }
}

static int header_status(enum frame_peer peer, uint16_t version, uint16_t kind, uint32_t length_bytes)
{
  struct frame_header header = { .length_bytes = length_bytes, .version = version, .kind = kind };
  unsigned char bytes[16];
  size_t need_bytes;
  memcpy(bytes, &header, sizeof header);
  int status = frame_check(peer, &header);
  /* The decoder must say the same from the header alone, before it asks for a payload. */
  int next = next_of(peer, bytes, sizeof bytes, &header, &need_bytes);
  CHECK_EQUAL(next, status != 0 ? status : length_bytes == 0);
  return status;
}

TEST(a_wrong_version_is_refused_whatever_else_is_wrong)
{
  CHECK_EQUAL(header_status(FRAME_FROM_CLIENT, 1, FRAME_STDIN, 0), 0);
  CHECK_EQUAL(header_status(FRAME_FROM_CLIENT, 0, FRAME_STDIN, 0), -EPROTONOSUPPORT);
  CHECK_EQUAL(header_status(FRAME_FROM_CLIENT, 2, 999, UINT32_MAX), -EPROTONOSUPPORT);
  CHECK_EQUAL(header_status(FRAME_FROM_CLIENT, 0x0100, FRAME_STDIN, 0), -EPROTONOSUPPORT);
}

TEST(each_peer_may_send_its_own_kinds_only)
{
  static const struct { enum frame_peer peer; uint16_t kinds[6]; } allowed[] = {
    { FRAME_FROM_CLIENT, { FRAME_CALL, FRAME_STDIN, FRAME_STDIN_END, FRAME_CANCEL, FRAME_READER_GONE } },
    { FRAME_FROM_DAEMON,
      { FRAME_STARTED, FRAME_STDOUT, FRAME_STDERR, FRAME_END, FRAME_REFUSED, FRAME_CONTROL_REPLY } },
    { FRAME_FROM_OPERATOR, { FRAME_CONTROL_REQUEST } },
  };
  for (size_t row = 0; row < 3; row++) {
    for (uint32_t kind = 0; kind <= 0xffff; kind++) {
      int is_allowed = 0;
      for (int i = 0; i < 6; i++) is_allowed |= kind != 0 && allowed[row].kinds[i] == kind;
      CHECK_EQUAL(frame_payload_max(allowed[row].peer, (uint16_t)kind) >= 0, is_allowed);
      if (!is_allowed) CHECK_EQUAL(header_status(allowed[row].peer, 1, (uint16_t)kind, 0), -EPROTO);
    }
  }
  CHECK_EQUAL(frame_payload_max((enum frame_peer)9, FRAME_CALL), -EPROTO);
}

TEST(a_payload_one_byte_over_the_bound_of_its_kind_is_refused)
{
  static const struct { enum frame_peer peer; uint16_t kind; uint32_t max_bytes; } bounds[] = {
    { FRAME_FROM_CLIENT, FRAME_CALL, 8u << 20 },         { FRAME_FROM_CLIENT, FRAME_STDIN, 65536 },
    { FRAME_FROM_CLIENT, FRAME_STDIN_END, 4096 },        { FRAME_FROM_CLIENT, FRAME_CANCEL, 4096 },
    { FRAME_FROM_DAEMON, FRAME_STARTED, 4096 },          { FRAME_FROM_DAEMON, FRAME_STDOUT, 65536 },
    { FRAME_FROM_DAEMON, FRAME_STDERR, 65536 },          { FRAME_FROM_DAEMON, FRAME_END, 4096 },
    { FRAME_FROM_DAEMON, FRAME_REFUSED, 4096 },          { FRAME_FROM_DAEMON, FRAME_CONTROL_REPLY, 4u << 20 },
    { FRAME_FROM_OPERATOR, FRAME_CONTROL_REQUEST, 4u << 20 },
  };
  for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
    CHECK_EQUAL(frame_payload_max(bounds[i].peer, bounds[i].kind), bounds[i].max_bytes);
    CHECK_EQUAL(header_status(bounds[i].peer, 1, bounds[i].kind, bounds[i].max_bytes), 0);
    CHECK_EQUAL(header_status(bounds[i].peer, 1, bounds[i].kind, bounds[i].max_bytes + 1), -EMSGSIZE);
    CHECK_EQUAL(header_status(bounds[i].peer, 1, bounds[i].kind, UINT32_MAX), -EMSGSIZE);
  }
}

TEST(a_header_lies_in_the_stream_as_documented)
{
  unsigned char bytes[16];
  static const unsigned char wanted[16] = { 0x44, 0x33, 0x22, 0x11, 1, 0, 19, 0, 8, 7, 6, 5, 4, 3, 2, 1 };
  frame_put_header(bytes, FRAME_END, 0x0102030405060708, 0x11223344);
  CHECK(memcmp(bytes, wanted, sizeof wanted) == 0);
}
