#include "link.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "wire.h"

int link_attach(struct link *link, int channel_fd, int ring_fd, uint32_t ring_bytes_each, uint64_t generation)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t one = (ring_bytes(ring_bytes_each) + page - 1) / page * page;
  struct stat file;
  if (fstat(ring_fd, &file) < 0) return -errno;
  /* A mapping past the end of the file would kill us by SIGBUS. */
  if ((uint64_t)file.st_size < one + ring_bytes(ring_bytes_each)) return -EPROTO;
  unsigned char *memory = mmap(NULL, 2 * one, PROT_READ | PROT_WRITE, MAP_SHARED, ring_fd, 0);
  if (memory == MAP_FAILED) return -errno;
  if (madvise(memory, 2 * one, MADV_DONTFORK) < 0) return -errno;
  close(ring_fd);

  *link = (struct link){ .cwds_due_ns = NEVER };
  for (size_t i = 0; i < CWDS_MAX; i++) link->cwds[i].fd = CWD_ABSENT;
  int status = ring_attach(&link->in, (struct ring_shared *)memory, one, generation);
  if (status == 0) status = ring_attach(&link->out, (struct ring_shared *)(memory + one), one, generation);
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

static void drop_cwd(struct cwd *cwd)
{
  if (cwd->fd >= 0) close(cwd->fd);
  cwd->fd = CWD_ABSENT;
}

int link_take_cwd(struct link *link, uint64_t call_id)
{
  for (size_t i = 0; i < CWDS_MAX; i++) {
    struct cwd *cwd = &link->cwds[i];
    if (cwd->fd == CWD_ABSENT || cwd->call_id != call_id) continue;
    int fd = cwd->fd;
    cwd->fd = CWD_ABSENT;
    return fd;
  }
  return CWD_ABSENT;
}

void link_drop_old_cwds(struct link *link, uint64_t now_ns)
{
  if (now_ns < link->cwds_due_ns) return;
  link->cwds_due_ns = NEVER;
  for (size_t i = 0; i < CWDS_MAX; i++) {
    struct cwd *cwd = &link->cwds[i];
    if (cwd->fd == CWD_ABSENT) continue;
    uint64_t due_ns = cwd->received_ns + CWD_KEPT_MS * NS_PER_MS;
    if (due_ns <= now_ns) drop_cwd(cwd);
    else if (due_ns < link->cwds_due_ns) link->cwds_due_ns = due_ns;
  }
}

static void store_cwd(struct link *link, uint64_t call_id, int fd)
{
  /* A call that is tried again brings its folder again: what was left of the first attempt must not be taken for it. */
  int before = link_take_cwd(link, call_id);
  if (before >= 0) close(before);
  uint64_t now = now_ns();
  struct cwd *place = &link->cwds[0];
  for (size_t i = 0; i < CWDS_MAX; i++) {
    struct cwd *cwd = &link->cwds[i];
    if (place->fd != CWD_ABSENT && (cwd->fd == CWD_ABSENT || cwd->received_ns < place->received_ns)) place = cwd;
  }
  drop_cwd(place);
  *place = (struct cwd){ .call_id = call_id, .received_ns = now, .fd = fd };
  if (link->cwds_due_ns == NEVER) link->cwds_due_ns = now + CWD_KEPT_MS * NS_PER_MS;
}

int link_drain(struct link *link, void (*arrived)(void *context, uint64_t call_id), void *context)
{
  for (int messages = 0; messages < 64; messages++) {
    struct channel_message message = { .call_id = 0 };
    int fd;
    size_t fd_count;
    ssize_t got = receive_with_fds(link->port.fd, &message, sizeof message, &fd, 1, &fd_count, MSG_DONTWAIT);
    if (got == -EAGAIN) return 0;
    if (got == 0 || got == -ECONNRESET) return -EPIPE;
    int is_lost = got == -EMFILE; /* costs this call its start, and nobody else anything */
    if (got < 0 && !is_lost) return (int)got;
    if ((got != sizeof message && !is_lost) || (message.call_id == 0) != (fd_count == 0 && !is_lost)) {
      if (fd_count > 0) close(fd);
      return -EPROTO;
    }
    if (message.call_id == 0) continue;
    store_cwd(link, message.call_id, is_lost ? CWD_LOST : fd);
    arrived(context, message.call_id);
  }
  return 1;
}
