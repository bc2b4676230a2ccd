/* From the zygote to a parked process with an order. In C, since each page that Python code touches here would be copied
 * for every parked process, and held by it for as long as it waits. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "native.h"
#include "own_memory.h"
#include "wire.h"

#define ORDER_FD 3
#define LEARN_FD 4 /* to the zygote; see learned.py */
#define WATCH_FD 5 /* see watch.c */
#define ORDER_MAX_BYTES (FRAME_CALL_MAX_BYTES + 64u * 1024)
#define ADOPTION_TIMEOUT_MS 5000
#define ADOPTION_POLL_US 50
#define DESCRIPTORS_MAX 3
#define EXIT_NOT_ADOPTED 71
#define EXIT_NO_LEAF 72
#define EXIT_CANNOT_TELL 73

pid_t keeper_pid;
int scout_fd = -1;

/* fork_away(): None in the new process, whose parent is gone or about to go; here 0, or the errno of what failed. Without
 * the interpreter's own handlers for a fork: a direct run does not fork, so no handler of anybody's may have run, and on
 * the only thread of a process no lock needs to be made anew. The process between shares our memory: copying it twice
 * would cost as much again. */
object *fork_away(object *self, object *args)
{
  int status;
  (void)self, (void)args;
  pid_t between = vfork();
  if (between == 0) {
    pid_t child = fork();
    if (child == 0) return none();
    _exit(child < 0 ? errno & 255 : 0);
  }
  if (between < 0) return PyLong_FromLong(errno);
  while (waitpid(between, &status, 0) < 0 && errno == EINTR) continue;
  return PyLong_FromLong(WIFEXITED(status) ? WEXITSTATUS(status) : EAGAIN);
}

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

/* Waits until the process between has left and the keeper, a subreaper, is the parent. */
static void be_adopted(void)
{
  struct timespec nap = {.tv_nsec = ADOPTION_POLL_US * 1000};
  for (long naps = 0; getppid() != keeper_pid; naps++) {
    if (naps > ADOPTION_TIMEOUT_MS * 1000L / ADOPTION_POLL_US) _exit(EXIT_NOT_ADOPTED);
    nanosleep(&nap, NULL);
  }
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

/* take_place(keeper_pid, stdin, stdout, stderr, order, leaf or -1, learn or -1): own session, own leaf, own pipes; no other
 * descriptors than the order socket, the one to the zygote, and the watch. */
object *take_place(object *self, object *args)
{
  int fds[4], leaf_fd, learn_fd, keeper;
  (void)self;
  if (!PyArg_ParseTuple(args, "iiiiiii", &keeper, &fds[0], &fds[1], &fds[2], &fds[3], &leaf_fd, &learn_fd)) return NULL;
  keeper_pid = keeper;
  be_adopted();
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return PyErr_SetFromErrno(PyExc_OSError);
  if (getppid() != keeper_pid) _exit(EXIT_NOT_ADOPTED); /* it died before the death signal was set */
  /* First the pipes, then the session: by the zygote's session, afterwards by the pipes, the keeper knows who we are. In
   * between it would take us for something that a hook has left behind, and kill us with it. */
  for (int fd = 0; fd <= 2; fd++)
    if (dup2(fds[fd], fd) < 0) return PyErr_SetFromErrno(PyExc_OSError);
  if (setsid() < 0) return PyErr_SetFromErrno(PyExc_OSError);
  if (leaf_fd >= 0 && write(leaf_fd, "0", 1) != 1) _exit(EXIT_NO_LEAF);
  if (dup3(fds[3], ORDER_FD, O_CLOEXEC) < 0) return PyErr_SetFromErrno(PyExc_OSError);
  if (learn_fd >= 0 && learn_fd != LEARN_FD && dup3(learn_fd, LEARN_FD, O_CLOEXEC) < 0)
    return PyErr_SetFromErrno(PyExc_OSError);
  if (watch_fd >= 0 && watch_fd != WATCH_FD && dup3(watch_fd, WATCH_FD, O_CLOEXEC) < 0)
    return PyErr_SetFromErrno(PyExc_OSError);
  if (watch_fd >= 0) watch_fd = WATCH_FD;
  close_from(1 + (watch_fd >= 0 ? WATCH_FD : learn_fd >= 0 ? LEARN_FD : ORDER_FD));
  return none();
}

/* report(kind): to the keeper. */
object *report(object *self, object *args)
{
  unsigned kind;
  (void)self;
  if (!PyArg_ParseTuple(args, "I", &kind)) return NULL;
  struct park_report message = {.kind = kind, .pid = (uint32_t)getpid(), .memory_kib = own_memory_kib()};
  if (send(ORDER_FD, &message, sizeof message, MSG_NOSIGNAL) < 0) return PyErr_SetFromErrno(PyExc_OSError);
  return none();
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

/* 1: exactly so many came along. */
static int take_descriptors(struct msghdr *message, int *fds, size_t count)
{
  struct cmsghdr *control = CMSG_FIRSTHDR(message);
  if (control == NULL || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS ||
      control->cmsg_len != CMSG_LEN(count * sizeof *fds))
    return 0;
  memcpy(fds, CMSG_DATA(control), count * sizeof *fds);
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

/* The bytes of the order, with so many descriptors; None at end of file, when the keeper does not need this process, and where
 * what comes is no order. */
static object *receive(int *fds, size_t count)
{
  static char first[16 * 1024]; /* most orders are smaller */
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
  } control;
  struct iovec part = {.iov_base = first, .iov_len = sizeof first};
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(count * sizeof *fds)};
  struct order_head head;
  ssize_t got = recvmsg(ORDER_FD, &message, MSG_CMSG_CLOEXEC);
  if (got <= 0) return none();
  int has_descriptors = take_descriptors(&message, fds, count);
  size_t have = (size_t)got;
  if (have < sizeof head) {
    if (read_rest(first, have, sizeof head) < 0) return none();
    have = sizeof head;
  }
  memcpy(&head, first, sizeof head);
  if (!has_descriptors || head.total_bytes < sizeof head || head.total_bytes > ORDER_MAX_BYTES || have > head.total_bytes)
    return none();
  object *order = PyBytes_FromStringAndSize(NULL, (ptrdiff_t)head.total_bytes);
  if (order == NULL) return NULL;
  memcpy(PyBytes_AsString(order), first, have);
  return read_rest(PyBytes_AsString(order), have, head.total_bytes) < 0 ? none() : order;
}

/* receive_order(): (bytes of the order, cwd descriptor), or None. */
object *receive_order(object *self, object *args)
{
  int cwd_fd;
  (void)self, (void)args;
  object *order = receive(&cwd_fd, 1);
  return order == NULL || order == &_Py_NoneStruct ? order : Py_BuildValue("(Ni)", order, cwd_fd);
}

/* receive_worker_order(): (bytes of the order, descriptors of cwd, ring and socket), or None. */
object *receive_worker_order(object *self, object *args)
{
  int fds[DESCRIPTORS_MAX];
  (void)self, (void)args;
  object *order = receive(fds, DESCRIPTORS_MAX);
  return order == NULL || order == &_Py_NoneStruct ? order : Py_BuildValue("(Niii)", order, fds[0], fds[1], fds[2]);
}
