#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "connection.h"

#define FRAME_PARTS_MAX (JS_PARTS_MAX + 1) /* the header too */

static size_t queue_max_bytes(const struct connection *connection)
{
  size_t window_bytes = connection->listener->from == FRAME_FROM_CLIENT ? CREDIT_WINDOW_BYTES : FRAME_CONTROL_MAX_BYTES;
  return window_bytes + SEND_QUEUE_SLACK_BYTES;
}

/* Bytes the socket took, 0 if it is full, or -errno. */
static ssize_t send_parts(int fd, const struct ring_part *parts, size_t count)
{
  struct iovec pieces[FRAME_PARTS_MAX];
  struct msghdr message = { .msg_iov = pieces, .msg_iovlen = count };
  for (size_t i = 0; i < count; i++)
    pieces[i] = (struct iovec){ .iov_base = (void *)parts[i].bytes, .iov_len = parts[i].length };
  for (;;) {
    ssize_t sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (errno == EAGAIN || errno == ENOBUFS) return 0;
    if (errno != EINTR) return errno == ECONNRESET ? -EPIPE : -errno;
  }
}

/* The rest of a frame after its first `sent` bytes. 0 or -errno. */
static int queue_rest(struct connection *connection, const struct ring_part *parts, size_t count, size_t total_bytes,
                      size_t sent)
{
  struct buffer *out = &connection->out;
  size_t wanted_bytes = buffer_length(out) + total_bytes - sent;
  if (wanted_bytes > queue_max_bytes(connection)) return -ENOBUFS;
  size_t doubled_bytes = 2 * out->capacity; /* so that many small frames are not copied again and again */
  if (out->end + total_bytes - sent > out->capacity &&
      !buffer_reserve(out, wanted_bytes > doubled_bytes ? wanted_bytes : doubled_bytes))
    return -ENOBUFS;
  for (size_t i = 0; i < count; i++) {
    size_t skipped = sent < parts[i].length ? sent : parts[i].length;
    buffer_append(out, (const unsigned char *)parts[i].bytes + skipped, parts[i].length - skipped);
    sent -= skipped;
  }
  return 0;
}

/* Half a frame is lost, so the stream can never be right again. Told in the next turn: the caller is JavaScript. */
static int64_t give_up(struct connection *connection, int errnum)
{
  connection->failure = errnum;
  later_schedule(connection->object.module, &connection->later);
  return -errnum;
}

int64_t connection_send(struct connection *connection, uint16_t kind, uint64_t call_id, const struct js_parts *parts,
                        bool is_now)
{
  int64_t payload_max_bytes = frame_payload_max(FRAME_FROM_DAEMON, kind);
  if (payload_max_bytes < 0) return payload_max_bytes;
  /* A frame of up to a page goes into one socket buffer: the kernel takes all of it or nothing. */
  if (is_now && payload_max_bytes > FRAME_SMALL_MAX_BYTES) payload_max_bytes = FRAME_SMALL_MAX_BYTES;
  if (parts->total_bytes > (uint64_t)payload_max_bytes) return -EMSGSIZE;
  if (!connection->object.is_open || connection->is_ending || connection->failure != 0) return -EPIPE;

  unsigned char header[sizeof(struct frame_header)];
  struct ring_part all[FRAME_PARTS_MAX] = { { .bytes = header, .length = sizeof header } };
  frame_put_header(header, kind, call_id, (uint32_t)parts->total_bytes);
  for (size_t i = 0; i < parts->count; i++) all[i + 1] = parts->parts[i];
  size_t total_bytes = sizeof header + parts->total_bytes;

  bool is_queueing = buffer_length(&connection->out) > 0;
  if (is_queueing && is_now) return -EAGAIN;
  ssize_t sent = is_queueing ? 0 : send_parts(connection->fd, all, parts->count + 1);
  if (sent < 0) return sent;
  if ((size_t)sent == total_bytes) return 0;
  if (is_now) return sent == 0 ? -EAGAIN : give_up(connection, EIO);
  int status = queue_rest(connection, all, parts->count + 1, total_bytes, (size_t)sent);
  if (status < 0) return give_up(connection, -status);
  connection_watch(connection);
  return (int64_t)buffer_length(&connection->out);
}

void connection_flush(struct connection *connection)
{
  struct buffer *out = &connection->out;
  if (buffer_length(out) == 0) return;
  struct ring_part rest = { .bytes = buffer_bytes(out), .length = buffer_length(out) };
  ssize_t sent = send_parts(connection->fd, &rest, 1);
  if (sent < 0) {
    connection_fail(connection, sent == -EPIPE ? 0 : (int)-sent);
    return;
  }
  buffer_take(out, (size_t)sent);
  if (buffer_length(out) > 0) return;
  if (connection->is_ending) {
    connection->object.close(&connection->object);
    return;
  }
  connection_watch(connection);
  napi_handle_scope scope;
  napi_env env = connection->object.module->env;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  sink_call(env, &connection->events, ON_DRAINED, 0, NULL);
  napi_close_handle_scope(env, scope);
}
