/* From a forked process to a parked one with an order. In C, since each page that Python code touches here would be copied
 * for every parked process, and held by it for as long as it waits. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "native.h"
#include "own_memory.h"
#include "wire.h"

#define ORDER_MAX_BYTES (FRAME_CALL_MAX_BYTES + 64u * 1024)
#define EXIT_CANNOT_TELL 73

int scout_fd = -1;

/* fork_scout(fd): the pid; 0 in the scout, which tells by fd what it has found and has only that left to do; -1. */
object *fork_scout(object *self, object *args)
{
  int fd;
  (void)self;
  if (!PyArg_ParseTuple(args, "i", &fd)) return NULL;
  pid_t zygote = getpid(), scout = fork();
  if (scout != 0) return PyLong_FromLong(scout);
  scout_fd = fd;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != zygote) _exit(EXIT_NOT_ADOPTED);
  close(ORDER_FD); /* the zygote's own socket: its end is to be seen */
  (void)prctl(PR_SET_DUMPABLE, 1); /* else the list of its pages belongs to root */
  if (note_pages() < 0) _exit(EXIT_CANNOT_TELL);
  return PyLong_FromLong(0);
}

void close_from(int first)
{
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
  if (syscall(SYS_close_range, first, ~0u, 0) == 0) return;
  long limit = sysconf(_SC_OPEN_MAX); /* before Linux 5.9, or a filter that does not know it */
  if (limit < 0 || limit > 65536) limit = 65536;
  for (int fd = first; fd < limit; fd++) close(fd);
}

object *none_or_error(int status)
{
  if (status >= 0) return none();
  errno = -status;
  return PyErr_SetFromErrno(PyExc_OSError);
}

int report_to_keeper(unsigned kind)
{
  struct park_report message = {.kind = kind, .pid = (uint32_t)getpid(), .memory_kib = own_memory_kib()};
  return send(ORDER_FD, &message, sizeof message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* report(kind): to the keeper. */
object *report(object *self, object *args)
{
  unsigned kind;
  (void)self;
  if (!PyArg_ParseTuple(args, "I", &kind)) return NULL;
  return none_or_error(report_to_keeper(kind));
}

/* leave_parking(): from here on it is the hook's process. */
object *leave_parking(object *self, object *args)
{
  (void)self, (void)args;
  close(ORDER_FD);
  close(LEARN_FD);
  watch_end();
  if (prctl(PR_SET_DUMPABLE, 1) < 0) return PyErr_SetFromErrno(PyExc_OSError);
  return none();
}

/* 1: exactly one came along. */
static int take_descriptor(struct msghdr *message, int *fd)
{
  struct cmsghdr *control = CMSG_FIRSTHDR(message);
  if (control == NULL || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS ||
      control->cmsg_len != CMSG_LEN(sizeof *fd))
    return 0;
  memcpy(fd, CMSG_DATA(control), sizeof *fd);
  return 1;
}

/* Reads on until `length` bytes are there: 0, or -1 at end of file or a failure. */
static int read_rest(char *text, size_t have, size_t length)
{
  while (have < length) {
    ssize_t count = recv(ORDER_FD, text + have, length - have, 0);
    if (count <= 0) return -1;
    have += (size_t)count;
  }
  return 0;
}

/* receive_order(): (bytes of the order, cwd descriptor); None at end of file, when the keeper does not need this process, and
 * where what comes is no order. */
object *receive_order(object *self, object *args)
{
  int cwd_fd;
  (void)self, (void)args;
  static char first[16 * 1024]; /* most orders are smaller */
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec part = {.iov_base = first, .iov_len = sizeof first};
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
  struct order_head head;
  ssize_t got = recvmsg(ORDER_FD, &message, MSG_CMSG_CLOEXEC);
  if (got <= 0) return none();
  int has_descriptor = take_descriptor(&message, &cwd_fd);
  size_t have = (size_t)got;
  if (have < sizeof head) {
    if (read_rest(first, have, sizeof head) < 0) return none();
    have = sizeof head;
  }
  memcpy(&head, first, sizeof head);
  if (!has_descriptor || head.total_bytes < sizeof head || head.total_bytes > ORDER_MAX_BYTES || have > head.total_bytes)
    return none();
  object *order = PyBytes_FromStringAndSize(NULL, (ptrdiff_t)head.total_bytes);
  if (order == NULL) return NULL;
  memcpy(PyBytes_AsString(order), first, have);
  if (read_rest(PyBytes_AsString(order), have, head.total_bytes) < 0) return none();
  return Py_BuildValue("(Ni)", order, cwd_fd);
}
