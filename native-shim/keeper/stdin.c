/* A task's standard input: as much as its pipe takes, the rest waits, bounded by the credit window. */
#include "keeper.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/* No credit is owed once the daemon has said that nothing follows. */
static void credit(struct keeper *keeper, struct slot *slot, size_t consumed_bytes)
{
  struct call *call = &slot->call;
  call->input_uncredited_bytes += (uint32_t)consumed_bytes;
  int is_worth_a_record = buffer_length(&call->input) == 0 || call->input_uncredited_bytes >= STDIN_CREDIT_STEP_BYTES;
  if (call->input_ended || call->input_uncredited_bytes == 0 || !is_worth_a_record) return;
  struct ring_part part = { &call->input_uncredited_bytes, sizeof call->input_uncredited_bytes };
  link_send(&keeper->link, RECORD_STDIN_CREDIT, call->id, slot->index, slot->generation, &part, 1);
  call->input_uncredited_bytes = 0;
}

void input_close(struct keeper *keeper, struct slot *slot)
{
  port_close(&slot->input, keeper->epoll_fd);
  size_t dropped_bytes = buffer_length(&slot->call.input);
  buffer_unmap(&slot->call.input);
  if (slot->state == SLOT_RUNNING) credit(keeper, slot, dropped_bytes);
}

/* Bytes the pipe took; closes it if nobody reads any more. */
static size_t write_some(struct keeper *keeper, struct slot *slot, const unsigned char *bytes, size_t length)
{
  size_t written_bytes = 0;
  while (written_bytes < length) {
    ssize_t written = write(slot->input.fd, bytes + written_bytes, length - written_bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) break;
    if (written < 0) {
      input_close(keeper, slot);
      return length;
    }
    written_bytes += (size_t)written;
  }
  return written_bytes;
}

static void close_or_wait(struct keeper *keeper, struct slot *slot)
{
  int waiting = buffer_length(&slot->call.input) > 0;
  if (!waiting && slot->call.input_ended) input_close(keeper, slot);
  else port_arm(&slot->input, keeper->epoll_fd, waiting ? EPOLLOUT : 0);
}

void input_offer(struct keeper *keeper, struct slot *slot, const unsigned char *bytes, size_t length, int ends)
{
  struct call *call = &slot->call;
  if (call->input_ended) {
    if (length > 0) keeper_violation(keeper, "STDIN after its end");
    return;
  }
  call->input_ended = ends;
  size_t taken_bytes = length;
  if (slot->input.fd >= 0 && buffer_length(&call->input) == 0) taken_bytes = write_some(keeper, slot, bytes, length);
  else if (slot->input.fd >= 0) taken_bytes = 0;
  if (taken_bytes < length) {
    int status = call->input.bytes == NULL ? buffer_map(&call->input, CREDIT_WINDOW_BYTES) : 0;
    if (status == 0) status = buffer_append(&call->input, bytes + taken_bytes, length - taken_bytes);
    if (status < 0) return keeper_violation(keeper, "STDIN beyond the window");
  }
  credit(keeper, slot, taken_bytes);
  close_or_wait(keeper, slot);
}

void input_flush(struct keeper *keeper, struct slot *slot)
{
  struct buffer *input = &slot->call.input;
  if (slot->input.fd < 0 || buffer_length(input) == 0) return;
  size_t taken_bytes = write_some(keeper, slot, buffer_at(input), buffer_length(input));
  if (slot->input.fd >= 0) {
    buffer_take(input, taken_bytes);
    credit(keeper, slot, taken_bytes);
  }
  close_or_wait(keeper, slot);
}
