#include "link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "ring_map.h"
#include "wire.h"

int link_attach(struct link *link, int channel_fd, int ring_fd, uint32_t ring_bytes_each, uint64_t generation)
{
  *link = (struct link){ .kept_due_ns = NEVER };
  int status = ring_map_peer(ring_fd, ring_bytes_each, generation, &link->in, &link->out);
  if (status == 0) status = buffer_map(&link->scratch, RECORD_PAYLOAD_MAX_BYTES);
  if (status == 0) status = buffer_map(&link->outbox, OUTBOX_MAX_BYTES);
  port_open(&link->port, channel_fd, port_tag(PORT_CHANNEL, 0, 0));
  return status;
}

static void ring_doorbell(struct link *link)
{
  struct channel_message bell = { .call_id = 0 };
  /* EAGAIN: the daemon has unread doorbells. EPIPE is met when we read. */
  (void)send(link->port.fd, &bell, sizeof bell, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* 0: written. -EAGAIN: no room. Breaks the link on anything else. */
static int write_now(struct link *link, const struct ring_record *head, const struct ring_part *parts, size_t count)
{
  int status = ring_write(&link->out, head, parts, count);
  if (status == -EAGAIN) return status;
  if (status < 0) link->broken = 1;
  if (status == 1) ring_doorbell(link);
  return 0;
}

void link_send(struct link *link, uint16_t kind, uint64_t call_id, uint32_t slot, uint32_t generation,
               const struct ring_part *parts, size_t part_count)
{
  struct ring_record head = { .kind = kind, .call_id = call_id, .slot = slot, .generation = generation };
  for (size_t i = 0; i < part_count; i++) head.length_bytes += (uint32_t)parts[i].length;
  if (!link_is_full(link) && write_now(link, &head, parts, part_count) == 0) return;
  int status = buffer_append(&link->outbox, &head, sizeof head);
  for (size_t i = 0; i < part_count && status == 0; i++)
    status = buffer_append(&link->outbox, parts[i].bytes, parts[i].length);
  if (status < 0) link->broken = 1; /* a daemon that leaves this much unread is not alive */
}

void link_flush(struct link *link)
{
  while (link_is_full(link) && !link->broken) {
    struct ring_record head;
    memcpy(&head, buffer_at(&link->outbox), sizeof head);
    struct ring_part part = { buffer_at(&link->outbox) + sizeof head, head.length_bytes };
    if (write_now(link, &head, &part, 1) < 0) return;
    buffer_take(&link->outbox, sizeof head + head.length_bytes);
  }
}

int link_next(struct link *link, struct ring_record *head)
{
  int status = ring_read(&link->in, head, link->scratch.bytes, link->scratch.capacity);
  if (status == 1 && ring_space_wanted(&link->in)) ring_doorbell(link);
  return status;
}

int link_arm(struct link *link) { return ring_arm(&link->in); }

void call_fds_close(struct call_fds *call)
{
  for (size_t i = 0; i < call->count; i++) close(call->fds[i]);
  *call = (struct call_fds){ 0 };
}

int link_take_fds(struct link *link, uint64_t call_id, struct call_fds *taken)
{
  for (size_t i = 0; i < CALLS_WITH_FDS_MAX; i++) {
    struct call_fds *call = &link->kept[i];
    if (call->call_id != call_id) continue;
    *taken = *call;
    *call = (struct call_fds){ 0 };
    return 1;
  }
  return 0;
}

void link_drop_old_fds(struct link *link, uint64_t now_ns)
{
  if (now_ns < link->kept_due_ns) return;
  link->kept_due_ns = NEVER;
  for (size_t i = 0; i < CALLS_WITH_FDS_MAX; i++) {
    struct call_fds *call = &link->kept[i];
    if (call->call_id == 0) continue;
    uint64_t due_ns = call->received_ns + CALL_FDS_KEPT_MS * NS_PER_MS;
    if (due_ns <= now_ns) call_fds_close(call);
    else if (due_ns < link->kept_due_ns) link->kept_due_ns = due_ns;
  }
}

static void store_fds(struct link *link, struct call_fds arrived)
{
  /* A call that is tried again brings its own again: what was left of the first attempt must not be taken for them. */
  struct call_fds before;
  if (link_take_fds(link, arrived.call_id, &before)) call_fds_close(&before);
  arrived.received_ns = now_ns();
  struct call_fds *place = &link->kept[0];
  for (size_t i = 0; i < CALLS_WITH_FDS_MAX; i++) {
    struct call_fds *call = &link->kept[i];
    if (place->call_id != 0 && (call->call_id == 0 || call->received_ns < place->received_ns)) place = call;
  }
  call_fds_close(place);
  *place = arrived;
  if (link->kept_due_ns == NEVER) link->kept_due_ns = arrived.received_ns + CALL_FDS_KEPT_MS * NS_PER_MS;
}

int link_drain(struct link *link, void (*arrived)(void *context, uint64_t call_id), void *context)
{
  for (int messages = 0; messages < 64; messages++) {
    struct channel_message message = { .call_id = 0 };
    struct call_fds call = { 0 };
    ssize_t got = receive_with_fds(link->port.fd, &message, sizeof message, call.fds, CALL_FDS_MAX, &call.count,
                                   MSG_DONTWAIT);
    if (got == -EAGAIN) return 0;
    if (got == 0 || got == -ECONNRESET) return -EPIPE;
    int is_lost = got == -EMFILE; /* costs this call its start, and nobody else anything */
    if (got < 0 && !is_lost) return (int)got;
    int is_doorbell = message.call_id == 0, has_fds = is_lost || call.count == 1 || call.count == CALL_FDS_MAX;
    if ((got != sizeof message && !is_lost) || (is_doorbell ? is_lost || call.count > 0 : !has_fds)) {
      call_fds_close(&call);
      return -EPROTO;
    }
    if (is_doorbell) continue;
    call.call_id = message.call_id;
    store_fds(link, call);
    arrived(context, message.call_id);
  }
  return 1;
}
