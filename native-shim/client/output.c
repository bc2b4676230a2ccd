#include "output.h"

#include "sys.h"

/* What a ready descriptor takes without waiting: PIPE_BUF, the unit in which pipes report that they are writable. */
#define SURE_BYTES 4096

static enum output_kind kind_of(int fd)
{
  struct stat status;
  if (sys_fstat(fd, &status) != 0) return OUTPUT_DEVICE;
  if (S_ISREG(status.st_mode)) return OUTPUT_FILE;
  if (S_ISSOCK(status.st_mode)) return OUTPUT_SOCKET;
  return S_ISFIFO(status.st_mode) ? OUTPUT_PIPE : OUTPUT_DEVICE;
}

static long write_if_ready(int fd, const void *bytes, size_t length)
{
  struct pollfd ready = { .fd = fd, .events = POLLOUT };
  if (sys_poll(&ready, 1, 0) <= 0) return -EAGAIN;
  return sys_write(fd, bytes, length < SURE_BYTES ? length : SURE_BYTES);
}

static long write_pipe(struct output *output, const void *bytes, size_t length)
{
  const struct iovec part = { .iov_base = (void *)bytes, .iov_len = length };
  long written = sys_pwritev2(output->fd, &part, 1, RWF_NOWAIT);
  if (written != -EOPNOTSUPP && written != -ENOSYS && written != -EINVAL) return written;
  output->kind = OUTPUT_OLD_PIPE; /* before Linux 6.4 pipes refuse RWF_NOWAIT */
  return write_if_ready(output->fd, bytes, length);
}

static int may_lose_reader(enum output_kind kind)
{
  return kind == OUTPUT_PIPE || kind == OUTPUT_OLD_PIPE || kind == OUTPUT_SOCKET;
}

int output_reader_is_gone(int fd)
{
  struct pollfd state = { .fd = fd }; /* POLLERR and POLLHUP are told unasked */
  return may_lose_reader(kind_of(fd)) && sys_poll(&state, 1, 0) > 0 && (state.revents & (POLLERR | POLLHUP)) != 0;
}

int output_watched_fd(struct output *output)
{
  if (output->kind == OUTPUT_UNKNOWN) output->kind = kind_of(output->fd);
  return may_lose_reader(output->kind) && !output->is_stopped ? output->fd : -1;
}

long output_write(struct output *output, const void *bytes, size_t length)
{
  if (output->kind == OUTPUT_UNKNOWN) output->kind = kind_of(output->fd);
  switch (output->kind) {
    case OUTPUT_FILE: return sys_write(output->fd, bytes, length);
    case OUTPUT_SOCKET:
      return SYS6(SYS_sendto, output->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
    case OUTPUT_PIPE: return write_pipe(output, bytes, length);
    default: return write_if_ready(output->fd, bytes, length);
  }
}
