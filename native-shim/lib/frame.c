/* Linked into the freestanding client as well: no libc here but memcpy, which the client brings along. */
#include "frame.h"

#include <errno.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length);

int64_t frame_payload_max(enum frame_peer peer, uint16_t kind)
{
  switch (peer) {
    case FRAME_FROM_CLIENT:
      if (kind == FRAME_CALL) return FRAME_CALL_MAX_BYTES;
      if (kind == FRAME_STDIN) return FRAME_DATA_MAX_BYTES;
      if (kind == FRAME_STDIN_END || kind == FRAME_CANCEL || kind == FRAME_READER_GONE) return FRAME_SMALL_MAX_BYTES;
      return -EPROTO;
    case FRAME_FROM_DAEMON:
      if (kind == FRAME_STDOUT || kind == FRAME_STDERR) return FRAME_DATA_MAX_BYTES;
      if (kind == FRAME_STARTED || kind == FRAME_END || kind == FRAME_REFUSED) return FRAME_SMALL_MAX_BYTES;
      if (kind == FRAME_CONTROL_REPLY) return FRAME_CONTROL_MAX_BYTES;
      return -EPROTO;
    case FRAME_FROM_OPERATOR:
      if (kind == FRAME_CONTROL_REQUEST) return FRAME_CONTROL_MAX_BYTES;
      return -EPROTO;
  }
  return -EPROTO;
}

int frame_check(enum frame_peer peer, const struct frame_header *header)
{
  if (header->version != WIRE_VERSION) return -EPROTONOSUPPORT;
  int64_t payload_max = frame_payload_max(peer, header->kind);
  if (payload_max < 0) return -EPROTO;
  return header->length_bytes <= payload_max ? 0 : -EMSGSIZE;
}

int frame_next(enum frame_peer peer, const unsigned char *bytes, size_t length, struct frame_header *header,
               size_t *need_bytes)
{
  *need_bytes = sizeof *header;
  if (length < sizeof *header) return 0;
  memcpy(header, bytes, sizeof *header);
  /* Before the payload is waited for: an impossible length must never become a buffer. */
  int status = frame_check(peer, header);
  if (status != 0) return status;
  *need_bytes = sizeof *header + header->length_bytes;
  return length >= *need_bytes;
}

void frame_put_header(unsigned char out[16], uint16_t kind, uint64_t call_id, uint32_t length_bytes)
{
  struct frame_header header = {
    .length_bytes = length_bytes, .version = WIRE_VERSION, .kind = kind, .call_id = call_id
  };
  memcpy(out, &header, sizeof header);
}

/* True if the blob is exactly `count` NUL-terminated strings. */
static int is_strings(const unsigned char *blob, uint32_t bytes, uint32_t count)
{
  if (bytes > 0 && blob[bytes - 1] != 0) return 0;
  uint32_t nuls = 0;
  for (uint32_t i = 0; i < bytes; i++) nuls += blob[i] == 0;
  return nuls == count;
}

static int has_nul(const unsigned char *bytes, uint32_t length)
{
  for (uint32_t i = 0; i < length; i++)
    if (bytes[i] == 0) return 1;
  return 0;
}

int frame_check_call(const unsigned char *payload, size_t length)
{
  struct call_head head;
  if (length < sizeof head) return -EBADMSG;
  memcpy(&head, payload, sizeof head);
  uint64_t total_bytes = sizeof head + (uint64_t)head.argv_bytes + head.env_bytes + head.cwd_bytes + head.stdin_bytes;
  if (total_bytes != length || head.reserved != 0 || head.argc == 0) return -EBADMSG;

  const unsigned char *argv = payload + sizeof head;
  const unsigned char *env = argv + head.argv_bytes;
  const unsigned char *cwd = env + head.env_bytes;
  if (!is_strings(argv, head.argv_bytes, head.argc) || !is_strings(env, head.env_bytes, head.envc)) return -EBADMSG;
  /* A NUL would cut the path short for the kernel while a comparison sees all of it. */
  return has_nul(cwd, head.cwd_bytes) ? -EBADMSG : 0;
}
