/* A task's output: from its pipes into the ring, one chunk at a time, as far as the client has taken what came before.
 * Nothing is dropped unless the task is over its cap or its reader is gone. */
#include "keeper.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CHUNK_MAX_BYTES (RECORD_PAYLOAD_MAX_BYTES - sizeof(struct ring_record))

int output_blocked(const struct keeper *keeper, const struct slot *slot)
{
  return link_is_full(&keeper->link) || slot->call.unacknowledged_bytes >= CREDIT_WINDOW_BYTES;
}

void output_arm(struct keeper *keeper, struct slot *slot)
{
  uint32_t events = output_blocked(keeper, slot) ? 0 : EPOLLIN;
  port_arm(&slot->output, keeper->epoll_fd, events);
  port_arm(&slot->error, keeper->epoll_fd, events);
}

void output_arm_all(struct keeper *keeper)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++) output_arm(keeper, &keeper->slots[i]);
}

void output_close(struct keeper *keeper, struct slot *slot)
{
  port_close(&slot->output, keeper->epoll_fd);
  port_close(&slot->error, keeper->epoll_fd);
}

/* The client's own reader is gone: the task meets that itself, as it would have in a direct run. */
void output_reader_gone(struct keeper *keeper, struct slot *slot, uint32_t stream)
{
  if (stream == STREAM_STDOUT) port_close(&slot->output, keeper->epoll_fd);
  if (stream == STREAM_STDERR) port_close(&slot->error, keeper->epoll_fd);
}

/* Reads until the pipe is empty, at its end, over its cap, or we are blocked. */
static void pump(struct keeper *keeper, struct slot *slot, struct port *port, uint16_t kind, uint64_t *forwarded_bytes)
{
  struct call *call = &slot->call;
  while (port->fd >= 0 && !output_blocked(keeper, slot)) {
    size_t room = CREDIT_WINDOW_BYTES - call->unacknowledged_bytes;
    size_t wanted = room < CHUNK_MAX_BYTES ? room : CHUNK_MAX_BYTES;
    ssize_t got = read(port->fd, keeper->link.scratch.bytes, wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return port_close(port, keeper->epoll_fd);
    uint64_t left_bytes = call->start.output_max_bytes - *forwarded_bytes;
    if ((uint64_t)got > left_bytes) {
      call->over_cap = 1;
      got = (ssize_t)left_bytes;
      port_close(port, keeper->epoll_fd);
    }
    if (kind == RECORD_STDERR && is_confined(keeper)) denials_read(&call->denials, keeper->link.scratch.bytes, (size_t)got);
    if (got > 0) {
      struct ring_part part = { keeper->link.scratch.bytes, (size_t)got };
      link_send(&keeper->link, kind, call->id, slot->index, slot->generation, &part, 1);
    }
    *forwarded_bytes += (uint64_t)got;
    call->unacknowledged_bytes += (uint64_t)got;
    /* A short read of a living task: more may come, but later, and other slots wait. */
    if ((size_t)got < wanted && slot->state == SLOT_RUNNING) return;
  }
}

void output_pump(struct keeper *keeper, struct slot *slot)
{
  pump(keeper, slot, &slot->output, RECORD_STDOUT, &slot->call.stdout_bytes);
  pump(keeper, slot, &slot->error, RECORD_STDERR, &slot->call.stderr_bytes);
}

void output_settle(struct keeper *keeper, struct slot *slot)
{
  if (slot->state == SLOT_DRAINING) output_pump(keeper, slot);
  output_arm(keeper, slot);
  if (slot->call.over_cap) {
    slot->call.over_cap = 0;
    slot_input(keeper, slot, INPUT_CAP, NULL);
  }
  if (slot->state == SLOT_DRAINING && slot->output.fd < 0 && slot->error.fd < 0)
    slot_input(keeper, slot, INPUT_DRAINED, NULL);
}

static void unwatch(struct keeper *keeper, struct slot *slot)
{
  port_arm(&slot->output, keeper->epoll_fd, 0);
  port_arm(&slot->error, keeper->epoll_fd, 0);
}

void output_event(struct keeper *keeper, struct slot *slot, uint32_t events)
{
  switch (slot->state) {
    case SLOT_RUNNING: case SLOT_KILLING: case SLOT_DRAINING:
      if (slot->call.id != 0) output_pump(keeper, slot);
      else output_close(keeper, slot);
      output_settle(keeper, slot);
      return;
    case SLOT_STARTING:
      /* Words are read when the start fails; a hang-up alone says that it has. */
      if (events & EPOLLIN) unwatch(keeper, slot);
      else slot_input(keeper, slot, INPUT_DRAINED, NULL);
      return;
    case SLOT_PARKED:
      unwatch(keeper, slot);
      if (events & EPOLLIN) slot_input(keeper, slot, INPUT_RETIRE, NULL); /* a hook would inherit what it wrote */
      return;
    case SLOT_EMPTY: case SLOT_LEAVING: case SLOT_LINGERING: case SLOT_STATES:
      return;
  }
}
