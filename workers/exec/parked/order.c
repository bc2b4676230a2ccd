#include "order.h"

#include "memory.h"
#include "sys.h"
#include "text.h"

#define ORDER_MAX_BYTES (FRAME_CALL_MAX_BYTES + sizeof(struct order_head))
#define SHELL "/bin/sh"
#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND 127

/* What is left of the memory that was touched beforehand. */
struct room {
  unsigned char *at;
  size_t left_bytes;
};

_Noreturn static void decline(void)
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

/* What comes with an order. */
struct order_fds {
  size_t count;
  int cwd, ring, socket; /* the last two with ORDER_PEER_ENDS */
};

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

/* By its path: the descriptor is one of the host's tree, and a process in there has left its view. The path counts only if
 * it leads to the very same folder. */
static int enter_by_path(int cwd_fd)
{
  struct line name;
  char path[LINE_MAX_BYTES];
  struct stat wanted, found;
  line_start(&name);
  line_add(&name, "/proc/self/fd/");
  line_add_number(&name, cwd_fd);
  long length = SYS6(SYS_readlinkat, AT_FDCWD, name.bytes, path, sizeof path - 1, 0, 0);
  if (length < 0) return (int)length;
  path[length] = '\0';
  int status = sys_fstat(cwd_fd, &wanted);
  sys_close(cwd_fd);
  if (status == 0) status = (int)SYS6(SYS_chdir, path, 0, 0, 0, 0, 0);
  if (status == 0) status = (int)SYS6(SYS_newfstatat, AT_FDCWD, ".", &found, 0, 0, 0);
  if (status < 0) return status;
  return found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino ? 0 : -ESTALE;
}

/* The socket first: that of the order, over which a failure is still told, gives its number to the ring. Received after
 * the folder, both are above the numbers that they get. */
static int place_peer_ends(const struct order_fds *fds)
{
  int status = sys_dup3(fds->socket, PEER_SOCKET_FD, 0);
  return status < 0 ? status : sys_dup3(fds->ring, PEER_RING_FD, 0);
}

/* As a shell, or env, answers for a program it cannot run. */
_Noreturn static void cannot_execute(const char *path, int error)
{
  struct line line;
  line_start(&line);
  line_add(&line, path);
  line_add(&line, ": ");
  line_add_error(&line, error);
  complain(line.bytes);
  sys_exit(error == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

void order_run(unsigned char *memory, const struct own_state *own)
{
  struct room room = { memory, ORDER_ROOM_BYTES };
  struct order_head head;
  struct order_fds fds;
  unsigned char *order = receive_order(&room, &head, &fds);
  if (order == NULL || head.mode != ORDER_EXEC || head.argc == 0) decline();
  unsigned char *path = order + sizeof head, *argv_blob = path + head.path_bytes;
  if (!is_path(path, head.path_bytes)) decline();
  char **argv = split(&room, argv_blob, head.argv_bytes, head.argc);
  char **env = split(&room, argv_blob + head.argv_bytes, head.env_bytes, head.envc);
  if (argv == NULL || env == NULL) decline();

  /* The descriptors came close-on-exec: an order cannot make them survive. */
  int is_confined = (head.flags & ORDER_CONFINED) != 0;
  if ((is_confined ? enter_by_path(fds.cwd) : SYS6(SYS_fchdir, fds.cwd, 0, 0, 0, 0, 0)) < 0) decline();
  if ((head.flags & ORDER_MERGED_OUTPUT) && sys_dup3(1, 2, 0) < 0) decline();
  if (apply_inherited(&head.inherited, own, is_confined) < 0) decline();
  if ((head.flags & ORDER_PEER_ENDS) && place_peer_ends(&fds) < 0) decline();

  int error = sys_execve((char *)path, argv, env);
  if (error == -ENOEXEC) { /* a script without #!, which execvp hands to the shell */
    argv[-1] = SHELL;
    argv[0] = (char *)path;
    error = sys_execve(SHELL, argv - 1, env);
  }
  cannot_execute((char *)path, error);
}
