#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "io.h"

#define READ_CHUNK_BYTES ((size_t)64 * 1024)

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* One onFrame(kind, payload, fds). The payload is copied: JavaScript may keep it. 0 or -errno. */
static int call_on_frame(struct connection *connection, const struct frame_header *header, const unsigned char *payload)
{
  napi_env env = connection->object.module->env;
  napi_handle_scope scope;
  napi_value arguments[3];
  int status = -ENOMEM;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return status;
  arguments[0] = js_number(env, header->kind);
  if (napi_create_buffer_copy(env, header->length_bytes, payload, NULL, &arguments[1]) == napi_ok &&
      napi_create_array(env, &arguments[2]) == napi_ok) {
    if (connection->received_fd >= 0) napi_set_element(env, arguments[2], 0, js_number(env, connection->received_fd));
    connection->received_fd = -1;
    connection->in.start += sizeof *header + header->length_bytes; /* before the call: it may close or read on */
    sink_call(env, &connection->events, ON_FRAME, 3, arguments);
    status = 0;
  }
  napi_close_handle_scope(env, scope);
  return status;
}

/* 1: a frame was delivered. 0: more bytes are needed, *need_bytes for the frame. -errno: the peer broke the rules. */
static int deliver_one(struct connection *connection, size_t *need_bytes)
{
  struct frame_header header;
  const unsigned char *bytes = buffer_bytes(&connection->in);
  int status = frame_next(connection->listener->from, bytes, buffer_length(&connection->in), &header, need_bytes);
  if (status != 1) return status;
  if (header.kind == FRAME_CALL) {
    status = frame_check_call(bytes + sizeof header, header.length_bytes);
    if (status != 0) return status;
  } else if (connection->received_fd >= 0) {
    return -EPROTO;
  }
  lookout_came(&connection->awaited);
  status = call_on_frame(connection, &header, bytes + sizeof header);
  return status == 0 ? 1 : status;
}

/* Room for the rest of the frame, but never more than twice of what has really been sent: a header alone must not
 * cost 8 MiB. */
static int make_room(struct connection *connection, size_t need_bytes)
{
  struct buffer *in = &connection->in;
  size_t capacity = larger(READ_CHUNK_BYTES, smaller(2 * buffer_length(in), need_bytes));
  struct listener *listener = connection->listener;
  if (listener->read_buffers_bytes - in->capacity + capacity > LISTENER_READ_BUFFERS_MAX_BYTES) return -ENOBUFS;
  listener->read_buffers_bytes -= in->capacity;
  bool is_reserved = buffer_reserve(in, capacity);
  listener->read_buffers_bytes += in->capacity;
  return is_reserved ? 0 : -ENOMEM;
}

/* Reads once. Bytes read, 0 at end of file, or -errno. */
static ssize_t receive(struct connection *connection, size_t need_bytes, bool *is_drained)
{
  int status = make_room(connection, need_bytes);
  if (status < 0) return status;
  struct buffer *in = &connection->in;
  size_t room = in->capacity - in->end;
  size_t fds_max = connection->listener->from == FRAME_FROM_CLIENT ? 1 : 0;
  size_t fd_count;
  int fd;
  ssize_t got = receive_with_fds(connection->fd, in->memory + in->end, room, &fd, fds_max, &fd_count, MSG_DONTWAIT);
  if (got > 0) in->end += (size_t)got;
  *is_drained = got < (ssize_t)room;
  if (fd_count == 0) return got;
  if (connection->received_fd >= 0) { /* two ahead of one CALL */
    close(fd);
    return -EPROTO;
  }
  connection->received_fd = fd;
  return got;
}

bool connection_receive(struct connection *connection, size_t need_bytes)
{
  bool is_drained;
  ssize_t got = receive(connection, need_bytes, &is_drained);
  if (got > 0 || got == -EAGAIN) return true;
  if (got == 0 || got == -ECONNRESET) return false;
  connection->failure = (int)-got; /* what was read is lost, so no later read would find it again */
  later_schedule(connection->object.module, &connection->later);
  return false;
}

int connection_first_call(struct connection *connection, const unsigned char **payload, uint32_t *length_bytes)
{
  struct frame_header header;
  size_t need_bytes;
  if (!connection_receive(connection, sizeof header)) return -1;
  const unsigned char *bytes = buffer_bytes(&connection->in);
  int status = frame_next(connection->listener->from, bytes, buffer_length(&connection->in), &header, &need_bytes);
  if (status != 1) return status;
  if (header.kind != FRAME_CALL || frame_check_call(bytes + sizeof header, header.length_bytes) != 0) return -1;
  *payload = bytes + sizeof header;
  *length_bytes = header.length_bytes;
  return 1;
}

void connection_free_input(struct connection *connection)
{
  connection->listener->read_buffers_bytes -= connection->in.capacity;
  buffer_free(&connection->in);
}

void connection_read(struct connection *connection)
{
  size_t bytes_left = READ_PER_WAKE_MAX_BYTES;
  int frames_left = FRAMES_PER_WAKE_MAX;
  bool is_drained = false;
  while (connection_is_reading(connection)) {
    size_t need_bytes;
    int status = deliver_one(connection, &need_bytes);
    if (status < 0) {
      connection_fail(connection, -status);
      return;
    }
    if (status == 1) {
      if (--frames_left > 0) continue;
      if (connection->object.is_open) later_schedule(connection->object.module, &connection->later);
      break;
    }
    if (is_drained || bytes_left == 0) break; /* the poll handle tells when there is more */
    ssize_t got = receive(connection, need_bytes, &is_drained);
    if (got == -EAGAIN) break;
    if (got <= 0) {
      connection_fail(connection, got == -ECONNRESET ? 0 : (int)-got);
      return;
    }
    bytes_left -= smaller((size_t)got, bytes_left);
  }
  if (!connection->object.is_open) return;
  if (buffer_length(&connection->in) == 0) connection_free_input(connection);
  connection_watch(connection);
}
