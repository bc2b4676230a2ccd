#include <string.h>

#include "switchboard.h"

/* More is JavaScript's, which lets the client wait for the hook to read. */
#define STDIN_MAX_BYTES (CREDIT_WINDOW_BYTES / 4 * 3)

/* The frame behind those that were passed. As frame_next. */
static int next_frame(const struct switched_call *call, struct frame_header *header, const unsigned char **payload,
                      size_t *need_bytes)
{
  const struct connection *connection = call->connection;
  const unsigned char *bytes = buffer_bytes(&connection->in) + call->passed_bytes;
  *payload = bytes + sizeof *header;
  return frame_next(connection->listener->from, bytes, buffer_length(&connection->in) - call->passed_bytes, header,
                    need_bytes);
}

/* False: not for us. */
static bool pass(struct switched_call *call, const struct frame_header *header, const unsigned char *payload)
{
  bool is_end = header->kind == FRAME_STDIN_END;
  if (call->is_stdin_over || (header->kind != FRAME_STDIN && !is_end)) return false;
  /* All frames stay in the buffer, and its bound counts their payload: none may come without. */
  if (header->length_bytes == 0 && !is_end) return false;
  if (call->channel->is_blocked || call->stdin_bytes + header->length_bytes > STDIN_MAX_BYTES) return false;
  struct ring_record record = { .kind = RECORD_STDIN, .flags = is_end ? RECORD_STDIN_END : 0, .call_id = call->id,
                                .slot = call->slot, .generation = call->generation };
  struct ring_part part = { payload, header->length_bytes };
  if (channel_write(call->channel, &record, &part, 1) < 0) return false;
  call->is_stdin_over = is_end;
  call->stdin_bytes += header->length_bytes;
  call->passed_bytes += sizeof *header + header->length_bytes;
  return true;
}

void switchboard_passes_frames(struct switched_call *call)
{
  struct frame_header header;
  const unsigned char *payload;
  size_t need_bytes;
  int status;
  while ((status = next_frame(call, &header, &payload, &need_bytes)) == 1)
    if (!pass(call, &header, payload)) break;
  if (status != 0) switchboard_hand_over(call); /* a signal, a reader that is gone, bytes that make no sense */
}

void switchboard_reads(struct switched_call *call)
{
  if (connection_receive(call->connection, call->passed_bytes + sizeof(struct frame_header))) switchboard_passes_frames(call);
  else switchboard_hand_over(call); /* the end of the client */
}

napi_value switchboard_later_stdin(napi_env env, const struct switched_call *call)
{
  struct frame_header header;
  void *memory;
  napi_value buffer;
  const unsigned char *bytes = buffer_bytes(&call->connection->in);
  size_t at = sizeof header + call->call_bytes, length = 0;
  for (size_t next = at; next < call->passed_bytes; next += sizeof header + header.length_bytes) {
    memcpy(&header, bytes + next, sizeof header);
    length += header.length_bytes;
  }
  if (napi_create_buffer(env, length, &memory, &buffer) != napi_ok) return NULL;
  for (unsigned char *to = memory; at < call->passed_bytes; at += sizeof header + header.length_bytes) {
    memcpy(&header, bytes + at, sizeof header);
    if (header.length_bytes > 0) memcpy(to, bytes + at + sizeof header, header.length_bytes);
    to += header.length_bytes;
  }
  return buffer;
}
