#include "order_read.h"

#include "memory.h"
#include "sys.h"
#include "text.h"

#define ORDER_MAX_BYTES (FRAME_CALL_MAX_BYTES + sizeof(struct order_head))

void order_decline(void)
{
  struct park_report report = { .kind = PARK_DECLINED, .pid = (uint32_t)sys_pid() };
  (void)write_all(ORDER_FD, &report, sizeof report);
  sys_exit(0);
}

/* Aligned to 8. More than the room has is mapped; NULL if that fails. */
static void *take(struct room *room, size_t bytes)
{
  size_t rounded = (bytes + 7) & ~(size_t)7;
  if (rounded > room->left_bytes) return sys_map(bytes);
  void *taken = room->at;
  room->at += rounded;
  room->left_bytes -= rounded;
  return taken;
}

/* The first bytes and the descriptors that come with them. Our end of the socket closed, or what no keeper sends: no
 * order. */
static size_t receive_first(unsigned char *to, size_t capacity, struct order_fds *fds)
{
  struct { size_t length; int level, type, fds[4]; } rights = { 0 }; /* the kernel's room for three, rounded up */
  struct iovec part = { .iov_base = to, .iov_len = capacity };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights };
  long got;
  do got = SYS6(SYS_recvmsg, ORDER_FD, &message, MSG_CMSG_CLOEXEC, 0, 0, 0);
  while (got == -EINTR);
  if (got <= 0 || (message.msg_flags & MSG_CTRUNC)) sys_exit(0);
  int has_fds = rights.length > CMSG_LEN(0) && rights.level == SOL_SOCKET && rights.type == SCM_RIGHTS;
  *fds = (struct order_fds){ has_fds ? (rights.length - CMSG_LEN(0)) / sizeof(int) : 0,
                             rights.fds[0], rights.fds[1], rights.fds[2] };
  return (size_t)got;
}

static void receive_rest(unsigned char *to, size_t length)
{
  while (length > 0) {
    long got = sys_read(ORDER_FD, to, length);
    if (got == -EINTR) continue;
    if (got <= 0) sys_exit(0); /* the keeper is gone */
    to += got;
    length -= (size_t)got;
  }
}

/* The whole order; NULL if it is not sound. */
static unsigned char *receive_order(struct room *room, struct order_head *head, struct order_fds *fds)
{
  unsigned char *bytes = room->at;
  size_t have_bytes = receive_first(bytes, room->left_bytes, fds);
  if (have_bytes < sizeof *head) {
    receive_rest(bytes + have_bytes, sizeof *head - have_bytes);
    have_bytes = sizeof *head;
  }
  memcpy(head, bytes, sizeof *head);
  uint64_t blobs_bytes = (uint64_t)head->path_bytes + head->argv_bytes + head->env_bytes;
  if (head->total_bytes > ORDER_MAX_BYTES || sizeof *head + blobs_bytes != head->total_bytes) return NULL;
  if (have_bytes > head->total_bytes) return NULL;
  unsigned char *whole = take(room, head->total_bytes);
  if (whole == NULL) return NULL;
  if (whole != bytes) memcpy(whole, bytes, have_bytes);
  receive_rest(whole + have_bytes, head->total_bytes - have_bytes);
  return fds->count == (head->flags & ORDER_PEER_ENDS ? 3 : 1) ? whole : NULL;
}

/* count strings out of exactly length bytes; NULL if they do not add up. The place before the first is for SHELL. */
static char **split(struct room *room, unsigned char *blob, uint32_t length, uint32_t count)
{
  if (count > length) return NULL;
  char **strings = take(room, ((size_t)count + 2) * sizeof *strings);
  if (strings == NULL) return NULL;
  unsigned char *at = blob, *end = blob + length;
  for (uint32_t i = 0; i < count; i++) {
    strings[i + 1] = (char *)at;
    while (at < end && *at != 0) at++;
    if (at == end) return NULL;
    at++;
  }
  strings[count + 1] = NULL;
  return at == end ? strings + 1 : NULL;
}

static int is_path(const unsigned char *path, uint32_t bytes)
{
  return bytes >= 2 && path[bytes - 1] == 0 && text_length((const char *)path) == bytes - 1;
}

void order_read(struct room *room, struct order *order)
{
  struct order_head *head = &order->head;
  unsigned char *bytes = receive_order(room, head, &order->fds);
  if (bytes == NULL || head->mode != ORDER_EXEC || head->argc == 0) order_decline();
  unsigned char *path = bytes + sizeof *head, *argv_blob = path + head->path_bytes;
  if (!is_path(path, head->path_bytes)) order_decline();
  order->path = (char *)path;
  order->argv = split(room, argv_blob, head->argv_bytes, head->argc);
  order->env_blob = (char *)argv_blob + head->argv_bytes;
  order->env = split(room, (unsigned char *)order->env_blob, head->env_bytes, head->envc);
  if (order->argv == NULL || order->env == NULL) order_decline();
}

int order_folder(int cwd_fd, struct order_folder *folder)
{
  struct line name;
  line_start(&name);
  line_add(&name, "/proc/self/fd/");
  line_add_number(&name, cwd_fd);
  long length = SYS6(SYS_readlinkat, AT_FDCWD, name.bytes, folder->path, sizeof folder->path - 1, 0, 0);
  if (length >= 0) folder->path[length] = '\0';
  int status = length < 0 ? (int)length : sys_fstat(cwd_fd, &folder->status);
  sys_close(cwd_fd);
  return status;
}

int order_folder_enter(const struct order_folder *folder)
{
  struct stat found;
  int status = (int)SYS6(SYS_chdir, folder->path, 0, 0, 0, 0, 0);
  if (status == 0) status = sys_stat(".", &found);
  if (status < 0) return status;
  return found.st_dev == folder->status.st_dev && found.st_ino == folder->status.st_ino ? 0 : -ESTALE;
}

int order_place_peer_ends(const struct order_fds *fds, int flags)
{
  int status = sys_dup3(fds->socket, PEER_SOCKET_FD, flags);
  return status < 0 ? status : sys_dup3(fds->ring, PEER_RING_FD, flags);
}
