#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_SPACE_BYTES CMSG_SPACE(IO_FDS_MAX * sizeof(int))

int write_all(int fd, const void *buf, size_t length)
{
  const char *at = buf;
  while (length > 0) {
    ssize_t written = write(fd, at, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -errno;
    at += written;
    length -= (size_t)written;
  }
  return 0;
}

int read_exactly(int fd, void *buf, size_t length)
{
  char *at = buf;
  while (length > 0) {
    ssize_t got = read(fd, at, length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) return -EPIPE;
    at += got;
    length -= (size_t)got;
  }
  return 0;
}

ssize_t send_with_fds(int sock, const void *buf, size_t length, const int *fds, size_t fd_count, int flags)
{
  if (fd_count > IO_FDS_MAX) return -EINVAL;
  union { struct cmsghdr align; char bytes[FDS_SPACE_BYTES]; } control = { 0 };
  struct iovec part = { .iov_base = (void *)buf, .iov_len = length };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
  if (fd_count > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
    memcpy(CMSG_DATA(rights), fds, fd_count * sizeof(int));
  }
  for (;;) {
    ssize_t sent = sendmsg(sock, &message, flags | MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (errno != EINTR) return -errno;
  }
}

/* Takes the descriptors out of a received message. What does not fit is closed at once: a peer must not be able to
 * fill our descriptor table. Returns how many there were. */
static size_t take_fds(struct msghdr *message, int *fds, size_t fds_max)
{
  size_t count = 0;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    size_t bytes = part->cmsg_len - CMSG_LEN(0);
    for (size_t offset = 0; offset + sizeof(int) <= bytes; offset += sizeof(int)) {
      int fd;
      memcpy(&fd, CMSG_DATA(part) + offset, sizeof fd);
      if (count < fds_max) fds[count] = fd;
      else close(fd);
      count++;
    }
  }
  return count;
}

ssize_t receive_with_fds(int sock, void *buf, size_t capacity, int *fds, size_t fds_max, size_t *fd_count, int flags)
{
  *fd_count = 0;
  union { struct cmsghdr align; char bytes[FDS_SPACE_BYTES]; } control;
  struct iovec part = { .iov_base = buf, .iov_len = capacity };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes
  };
  ssize_t got;
  do got = recvmsg(sock, &message, flags | MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0) return -errno;

  size_t count = take_fds(&message, fds, fds_max);
  int status = 0;
  int is_cut = (message.msg_flags & MSG_CTRUNC) != 0;
  /* Cut though there was room for one more: the kernel could not give it a number here. */
  if (count > fds_max || (is_cut && count == IO_FDS_MAX)) status = -EPROTO;
  else if (is_cut) status = -EMFILE;
  else if ((message.msg_flags & MSG_TRUNC) != 0) status = -EMSGSIZE;
  if (status == 0) {
    *fd_count = count;
    return got;
  }
  for (size_t i = 0; i < count && i < fds_max; i++) close(fds[i]);
  return status;
}

int set_nonblock(int fd)
{
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  return fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}
