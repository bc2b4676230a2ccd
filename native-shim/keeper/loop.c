/* One turn: what the daemon says, what is due, what to start, then sleep. */
#include "keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define EVENTS_MAX 64
#define SIGNALS_PER_TURN_MAX 16
#define RECORDS_PER_TURN_MAX 256 /* then the pipes and deadlines get their turn */

void keeper_violation(struct keeper *keeper, const char *what)
{
  if (keeper->exit_code != EXIT_VIOLATION) dprintf(2, "supervisor-keeper: protocol violation: %s\n", what);
  keeper->stopping = 1;
  keeper->exit_code = EXIT_VIOLATION;
}

static void fds_arrived(void *context, uint64_t call_id) { order_fds_arrived(context, call_id); }

static void read_channel(struct keeper *keeper)
{
  int status = link_drain(&keeper->link, fds_arrived, keeper);
  if (status == -EPIPE) {
    keeper->stopping = 1;
    keeper->exit_code = EXIT_CHANNEL_LOST;
  } else if (status < 0) {
    keeper_violation(keeper, "channel message");
  }
}

/* 1: stopped at the bound, more may be there. */
static int read_ring(struct keeper *keeper)
{
  struct ring_record head;
  for (int count = 0; count < RECORDS_PER_TURN_MAX; count++) {
    if (keeper->stopping || link_is_full(&keeper->link)) return 0;
    int status = link_next(&keeper->link, &head);
    if (status == 0) return 0;
    if (status < 0) return keeper_violation(keeper, "ring"), 0;
    order_record(keeper, &head, keeper->link.scratch.bytes);
  }
  return 1;
}

static int read_signals(struct keeper *keeper)
{
  struct signalfd_siginfo infos[SIGNALS_PER_TURN_MAX];
  ssize_t length = read(keeper->signals.fd, infos, sizeof infos); /* what does not fit wakes us again */
  for (ssize_t i = 0; i < length / (ssize_t)sizeof *infos; i++) {
    if (infos[i].ssi_signo == TASK_FINISHED_SIGNAL) keeper_finished(keeper, (pid_t)infos[i].ssi_pid, infos[i].ssi_int);
    else if (infos[i].ssi_signo != SIGCHLD) keeper->stopping = 1;
  }
  return 1;
}

static void slot_event(struct keeper *keeper, uint64_t tag, uint32_t events)
{
  struct slot *slot = &keeper->slots[port_tag_slot(tag)];
  if (slot->generation != port_tag_generation(tag)) return;
  enum port_kind kind = port_tag_kind(tag);
  if (kind == PORT_ORDER && slot->order.fd >= 0) order_socket_event(keeper, slot, events);
  else if (kind == PORT_STDIN) input_flush(keeper, slot);
  else if (kind == PORT_STDOUT || kind == PORT_STDERR) output_event(keeper, slot, events);
}

static void take_events(struct keeper *keeper, const struct epoll_event *events, int count)
{
  int children_died = 0;
  for (int i = 0; i < count && !keeper->stopping; i++) {
    uint64_t tag = events[i].data.u64;
    switch (port_tag_kind(tag)) {
      case PORT_CHANNEL: read_channel(keeper); break;
      case PORT_SIGNAL: children_died = read_signals(keeper); break;
      case PORT_ZYGOTE:
        if (port_tag_generation(tag) == keeper->zygote.generation) zygote_readable(keeper);
        break;
      default: slot_event(keeper, tag, events[i].events);
    }
  }
  /* Deaths last: what a process has said and written before is read before. */
  if (children_died && !keeper->stopping) keeper_reap(keeper);
}

static void take_due(struct keeper *keeper)
{
  uint64_t now = now_ns();
  for (uint32_t i = 0; i < keeper->options.slots; i++) {
    struct slot *slot = &keeper->slots[i];
    if (slot->due_ns > now) continue;
    slot_input(keeper, slot, INPUT_DUE, NULL);
    output_settle(keeper, slot);
  }
  link_drop_old_fds(&keeper->link, now);
  watch_tick(keeper, now);
  linger_bound(keeper);
  zygote_tick(keeper);
}

static uint64_t earliest(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* When the next thing happens by itself. */
static uint64_t next_due(const struct keeper *keeper)
{
  uint64_t due = keeper->zygote.due_ns, now = now_ns();
  if (keeper->options.runtime != RUNTIME_PYTHON) due = NEVER;
  if (keeper->next_start_ns > now) due = earliest(due, keeper->next_start_ns);
  for (uint32_t i = 0; i < keeper->options.slots; i++) {
    const struct slot *slot = &keeper->slots[i];
    due = earliest(due, earliest(slot->due_ns, slot->watch_ns));
  }
  due = earliest(due, keeper->link.kept_due_ns);
  return earliest(due, keeper->refill_due_ns);
}

static int sleep_ms(const struct keeper *keeper)
{
  uint64_t due = next_due(keeper), now = now_ns();
  if (due == NEVER) return -1;
  if (due <= now) return 0;
  uint64_t ms = (due - now + NS_PER_MS - 1) / NS_PER_MS;
  return ms > 60000 ? 60000 : (int)ms;
}

void keeper_loop(struct keeper *keeper)
{
  struct epoll_event events[EVENTS_MAX];
  int was_full = 0;
  while (!keeper->stopping) {
    link_flush(&keeper->link);
    int more = read_ring(keeper);
    take_due(keeper);
    keeper_refill(keeper);
    if (link_is_full(&keeper->link) != was_full) {
      was_full = !was_full;
      output_arm_all(keeper);
    }
    if (keeper->link.broken) keeper_violation(keeper, "the ring towards the daemon");
    if (keeper->stopping) break;
    int timeout_ms = sleep_ms(keeper);
    /* A full outbox: the ring is not read until the daemon has made room, which it rings for. */
    if (more || (!was_full && link_arm(&keeper->link))) timeout_ms = 0;
    int count = epoll_wait(keeper->epoll_fd, events, EVENTS_MAX, timeout_ms);
    if (count > 0) take_events(keeper, events, count);
  }
}
