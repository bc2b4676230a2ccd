/* What comes over the order socket: from the process until it has its order, then, above `contained`, from the first process
 * of its pid namespace. */
#include "keeper.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io.h"

#define US_PER_S 1000000u

/* The rest of a struct park_end, of which the head has been read: 1. It was sent in one piece. */
static int read_end(const struct slot *slot, const struct park_report *head, struct park_end *end)
{
  size_t rest_bytes = sizeof *end - sizeof *head;
  memcpy(end, head, sizeof *head);
  return recv(slot->order.fd, (char *)end + sizeof *head, rest_bytes, MSG_DONTWAIT) == (ssize_t)rest_bytes;
}

static void take_end(struct keeper *keeper, struct slot *slot, const struct park_end *end)
{
  struct rusage usage = {
    .ru_utime = { (time_t)(end->cpu_us / US_PER_S), (suseconds_t)(end->cpu_us % US_PER_S) },
    .ru_maxrss = (long)end->memory_peak_kib,
  };
  slot_input(keeper, slot, INPUT_FINISHED, &(struct input_data){ .status = end->status, .usage = &usage });
  output_settle(keeper, slot);
}

/* 1: these are the namespaces that the slot is to keep. */
static int takes_outer(const struct keeper *keeper, struct slot *slot, const struct park_report *report, const int *fds,
                       size_t count)
{
  return report->kind == PARK_OUTER && count == OUTERS && slot->state == SLOT_STARTING && outer_adopt(keeper, slot, fds) == 0;
}

void order_socket_event(struct keeper *keeper, struct slot *slot, uint32_t events)
{
  int fds[OUTERS];
  size_t fd_count;
  struct park_end end;
  if (events & EPOLLOUT) order_send(keeper, slot);
  if (!(events & ~EPOLLOUT)) return;
  struct park_report report;
  ssize_t got = receive_with_fds(slot->order.fd, &report, sizeof report, fds, OUTERS, &fd_count, MSG_DONTWAIT);
  if (got == -EAGAIN) return;
  int has_outer = got == sizeof report && takes_outer(keeper, slot, &report, fds, fd_count);
  while (fd_count > 0) close(fds[--fd_count]);
  if (has_outer) return;
  if (got == sizeof report && (report.kind == PARK_READY || report.kind == PARK_READY_UNKNOWN)) {
    struct input_data ready = {
      .pid = (int)report.pid, .is_unknown = report.kind == PARK_READY_UNKNOWN, .memory_kib = report.memory_kib,
    };
    slot_input(keeper, slot, INPUT_READY, &ready);
  } else if (got == sizeof report && report.kind == PARK_DECLINED) {
    slot_input(keeper, slot, INPUT_DECLINED, NULL);
  } else if (got == sizeof report && (report.kind == PARK_FINISHED || report.kind == PARK_ENDED) &&
             has_own_pids(keeper) && read_end(slot, &report, &end)) {
    take_end(keeper, slot, &end);
  } else {
    /* Not our parked process's language. While a task runs it cannot come from the hook, which lacks the socket. */
    struct setup_failure failure = { .stage = STAGE_READY, .errnum = EPROTO };
    port_arm(&slot->order, keeper->epoll_fd, 0);
    slot_input(keeper, slot, INPUT_FAILED, &(struct input_data){ .failure = &failure, .text = "" });
  }
}
