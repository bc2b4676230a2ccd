/* Records of the daemon that concern a slot, and the way of an order into its process. */
#include "keeper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io.h"
#include "order_form.h"

#define SIGNAL_MAX 64u

void send_not_started(struct keeper *keeper, const struct slot *slot, uint64_t call_id, uint32_t generation,
                      uint32_t why)
{
  struct ring_part part = { &why, sizeof why };
  link_send(&keeper->link, RECORD_NOT_STARTED, call_id, slot->index, generation, &part, 1);
  struct call_fds fds; /* nobody else will close them, and a folder keeps a file system busy */
  if (link_take_fds(&keeper->link, call_id, &fds)) call_fds_close(&fds);
}

enum slot_state act_refuse(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  send_not_started(keeper, slot, data->call_id, slot->generation, NOT_STARTED_GONE);
  return slot->state;
}

enum slot_state act_decline(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  send_not_started(keeper, slot, slot->call.id, slot->generation, NOT_STARTED_DECLINED);
  call_clear(slot);
  slot->has_run = 0;
  slot->due_ns = now_ns() + DECLINE_EXIT_MS * NS_PER_MS;
  return SLOT_KILLING;
}

int order_was_read(const struct slot *slot)
{
  int unread_bytes = 0;
  if (slot->call.order_sent_bytes < slot->call.start.order_bytes) return 0;
  return ioctl(slot->order_far_fd, FIONREAD, &unread_bytes) == 0 && unread_bytes == 0;
}

static uint32_t flags_of(const unsigned char *order)
{
  struct order_head head;
  memcpy(&head, order, sizeof head);
  return head.flags;
}

/* Hands on what the socket takes. The process has not begun while a byte is missing, so a failure is its death. */
static void push(struct keeper *keeper, struct slot *slot, const unsigned char *order)
{
  struct call *call = &slot->call;
  struct call_fds fds = { 0 };
  if (call->order_sent_bytes == 0) {
    if (!link_take_fds(&keeper->link, call->id, &fds)) return;
    if (fds.count != (flags_of(order) & ORDER_PEER_ENDS ? CALL_FDS_MAX : 1)) {
      /* Lost, or others than were announced. Its end also gives back the descriptors that another attempt needs. */
      call_fds_close(&fds);
      (void)kill(slot->pid, SIGKILL);
      return;
    }
  }
  while (call->order_sent_bytes < call->start.order_bytes) {
    ssize_t sent = send_with_fds(slot->order.fd, order + call->order_sent_bytes,
                                 call->start.order_bytes - call->order_sent_bytes, fds.fds, fds.count, MSG_DONTWAIT);
    if (sent == -EAGAIN && fds.count == 0) break;
    call_fds_close(&fds);
    if (sent < 0) {
      (void)kill(slot->pid, SIGKILL);
      break;
    }
    call->order_sent_bytes += (size_t)sent;
  }
  int done = call->order_sent_bytes == call->start.order_bytes;
  port_arm(&slot->order, keeper->epoll_fd, done ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void order_send(struct keeper *keeper, struct slot *slot)
{
  struct call *call = &slot->call;
  if (slot->state != SLOT_RUNNING || call->payload.bytes == NULL) return;
  push(keeper, slot, call->payload.bytes + sizeof call->start);
  if (call->order_sent_bytes == call->start.order_bytes) buffer_unmap(&call->payload);
}

void order_fds_arrived(struct keeper *keeper, uint64_t call_id)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (keeper->slots[i].call.id == call_id) order_send(keeper, &keeper->slots[i]);
}

enum slot_state act_run(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  struct call *call = &slot->call;
  memcpy(&call->start, data->order_bytes, sizeof call->start);
  call->id = data->call_id;
  call->outcome = OUTCOME_ANSWERED;
  call->started_ns = now_ns();
  call->is_resident = (flags_of(data->order_bytes + sizeof call->start) & ORDER_RESIDENT) != 0;
  slot->has_run = 1;
  watch_begin(keeper, slot);
  slot->due_ns = call->start.timeout_ms == 0 ? NEVER : call->started_ns + call->start.timeout_ms * NS_PER_MS;

  /* Input first: the order wakes the process, which then finds it there. */
  const unsigned char *order = data->order_bytes + sizeof call->start;
  size_t start_bytes = sizeof call->start + call->start.order_bytes;
  input_offer(keeper, slot, data->order_bytes + start_bytes, call->start.stdin_bytes, call->start.stdin_complete != 0);
  push(keeper, slot, order);
  if (call->order_sent_bytes == call->start.order_bytes) {
    buffer_unmap(&call->payload);
  } else if (call->payload.bytes == NULL) {
    int status = buffer_map(&call->payload, start_bytes);
    if (status == 0) status = buffer_append(&call->payload, data->order_bytes, start_bytes);
    if (status < 0) (void)kill(slot->pid, SIGKILL);
  }
  return SLOT_RUNNING;
}

/* A Node takes over a folder and no more. Of Python's zygotes, those of resident workers fork what takes them. */
static int is_for_runtime(const struct keeper *keeper, const unsigned char *order)
{
  return keeper->options.runtime != RUNTIME_NODE || !(flags_of(order) & ORDER_PEER_ENDS);
}

/* The level is ours to say, not the order's. */
static void mark_level(const struct keeper *keeper, unsigned char *order)
{
  struct order_head head;
  memcpy(&head, order, sizeof head);
  head.flags &= ~(uint32_t)ORDER_CONFINED;
  if (is_confined(keeper)) head.flags |= ORDER_CONFINED;
  memcpy(order, &head, sizeof head);
}

/* 1: what was protected when it parked is another file by now, so the mount on it is gone. The others that parked with it go
 * as well: met one after the other, they would use up the attempts of the call. */
static int retire_others_if_stale(struct keeper *keeper, const struct slot *slot)
{
  if (!is_confined(keeper)) return 0;
  uint64_t protected_as = protection_digest(&keeper->protection);
  if (slot->protected_as == protected_as) return 0;
  for (uint32_t i = 0; i < keeper->options.slots; i++) {
    struct slot *other = &keeper->slots[i];
    if (other != slot && other->state == SLOT_PARKED && other->protected_as != protected_as)
      slot_input(keeper, other, INPUT_RETIRE, NULL);
  }
  return 1;
}

static void start_whole(struct keeper *keeper, struct slot *slot, uint64_t call_id, unsigned char *payload, size_t length)
{
  int sound = order_is_sound(payload, length) && is_for_runtime(keeper, payload + sizeof(struct start_head));
  if (sound && !retire_others_if_stale(keeper, slot)) {
    mark_level(keeper, payload + sizeof(struct start_head));
    slot_input(keeper, slot, INPUT_ORDER, &(struct input_data){ .call_id = call_id, .order_bytes = payload });
    return;
  }
  send_not_started(keeper, slot, call_id, slot->generation, sound ? NOT_STARTED_GONE : NOT_STARTED_BAD);
  call_clear(slot);
  slot_input(keeper, slot, INPUT_RETIRE, NULL); /* after NOT_STARTED a generation is over, whatever the reason */
}

static void start_record(struct keeper *keeper, struct slot *slot, const struct ring_record *head,
                         unsigned char *payload)
{
  struct call *call = &slot->call;
  int more = (head->flags & RECORD_MORE) != 0;
  if (slot->generation != head->generation || slot->state != SLOT_PARKED) {
    if (!more) send_not_started(keeper, slot, head->call_id, head->generation, NOT_STARTED_GONE);
    return;
  }
  if (!more && call->payload.bytes == NULL) {
    start_whole(keeper, slot, head->call_id, payload, head->length_bytes);
    return;
  }
  if (call->payload.bytes == NULL) {
    struct start_head start;
    if (head->length_bytes < sizeof start) return keeper_violation(keeper, "first fragment of START is too short");
    memcpy(&start, payload, sizeof start);
    if (start.order_bytes > ORDER_MAX_BYTES || start.stdin_bytes > CREDIT_WINDOW_BYTES)
      return keeper_violation(keeper, "START is too long");
    call->assembling_id = head->call_id;
    if (buffer_map(&call->payload, sizeof start + start.order_bytes + start.stdin_bytes) < 0)
      return slot_input(keeper, slot, INPUT_RETIRE, NULL);
  }
  if (call->assembling_id != head->call_id || buffer_append(&call->payload, payload, head->length_bytes) < 0)
    return keeper_violation(keeper, "START fragment does not fit");
  if (!more) start_whole(keeper, slot, head->call_id, call->payload.bytes, buffer_length(&call->payload));
}

static void running_record(struct keeper *keeper, struct slot *slot, const struct ring_record *head,
                           const unsigned char *payload)
{
  if (slot->generation != head->generation || slot->call.id != head->call_id || head->call_id == 0) return;
  uint32_t number = 0;
  if (head->kind == RECORD_STDIN) {
    if (slot->state == SLOT_RUNNING)
      input_offer(keeper, slot, payload, head->length_bytes, (head->flags & RECORD_STDIN_END) != 0);
    return;
  }
  if (head->length_bytes != sizeof number) return keeper_violation(keeper, "wrong length");
  memcpy(&number, payload, sizeof number);
  if (head->kind == RECORD_CANCEL) {
    if (number == 0 || number > SIGNAL_MAX) return keeper_violation(keeper, "CANCEL with no signal");
    slot_input(keeper, slot, INPUT_CANCEL, &(struct input_data){ .signal = number });
  } else if (head->kind == RECORD_READER_GONE) {
    output_reader_gone(keeper, slot, number);
  } else {
    if (number > slot->call.unacknowledged_bytes) return keeper_violation(keeper, "credit for bytes never sent");
    slot->call.unacknowledged_bytes -= number;
    output_arm(keeper, slot);
  }
  output_settle(keeper, slot);
}

static void target_record(struct keeper *keeper, const struct ring_record *head, const unsigned char *payload)
{
  struct target target;
  if (head->length_bytes != sizeof target) return keeper_violation(keeper, "wrong length");
  memcpy(&target, payload, sizeof target);
  uint32_t slots = keeper->options.slots;
  keeper->target.parked = target.parked < slots ? target.parked : slots;
  keeper->target.waiting = target.waiting < keeper->target.parked ? target.waiting : keeper->target.parked;
  keeper->target.running_max = target.running_max < slots ? target.running_max : slots;
}

void order_record(struct keeper *keeper, const struct ring_record *head, unsigned char *payload)
{
  switch (head->kind) {
    case RECORD_STOP:
      keeper->stopping = 1;
      return;
    case RECORD_TARGET:
      return target_record(keeper, head, payload);
    case RECORD_START: case RECORD_STDIN: case RECORD_CANCEL: case RECORD_OUTPUT_CREDIT:
    case RECORD_READER_GONE:
      break;
    default:
      return keeper_violation(keeper, "a record no daemon sends");
  }
  if (head->slot >= keeper->options.slots) return keeper_violation(keeper, "no such slot");
  struct slot *slot = &keeper->slots[head->slot];
  if (head->kind != RECORD_START) return running_record(keeper, slot, head, payload);
  if (head->call_id == 0) return keeper_violation(keeper, "START without a call");
  start_record(keeper, slot, head, payload);
}
