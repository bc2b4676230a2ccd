/* What a keeper asks its zygote for: a process in a slot. In C, since each page that Python code touches here would be copied
 * for every process that is forked, and held by it for as long as it waits. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "native.h"
#include "request.h"

#define ADOPTION_TIMEOUT_MS 5000
#define ADOPTION_POLL_US 50
#define EXIT_BAD_REQUEST 70
#define EXIT_NO_LEAF 72

enum { STDIN, STDOUT, STDERR, ORDER, LEAF, DESCRIPTORS_MAX };

pid_t keeper_pid;
static struct zygote_message asked;
static int fds[DESCRIPTORS_MAX];
static size_t fd_count;

_Noreturn static void bad_request(void)
{
  static const char text[] = "python zygote: bad request from the keeper\n";
  (void)!write(2, text, sizeof text - 1);
  _exit(EXIT_BAD_REQUEST);
}

int request_receive(void)
{
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof fds)];
  } control;
  struct iovec part = {.iov_base = &asked, .iov_len = sizeof asked};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t got;
  int is_interrupted;
  do {
    got = recvmsg(ZYGOTE_FD, &message, MSG_CMSG_CLOEXEC);
    is_interrupted = got < 0 && errno == EINTR;
    /* Not left to the interpreter: what it had noted would be met by everyone that is forked, and end each. */
    if (PyErr_CheckSignals() < 0) return -1;
  } while (is_interrupted);
  if (got == 0 || (got < 0 && errno == ECONNRESET)) return 0; /* reset: what we told it lies there unread */
  const struct cmsghdr *rights = got == sizeof asked ? CMSG_FIRSTHDR(&message) : NULL;
  if (rights == NULL || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) bad_request();
  fd_count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
  if (fd_count > DESCRIPTORS_MAX) bad_request(); /* the room for them is rounded up: one more may have come */
  memcpy(fds, CMSG_DATA(rights), fd_count * sizeof *fds);
  if (asked.kind != ZYGOTE_FORK || fd_count != (asked.flags & ZYGOTE_HAS_LEAF ? LEAF + 1 : LEAF)) bad_request();
  return 1;
}

/* -1 in the new process, whose parent is gone or about to go; here 0, or the errno of what failed. Without the interpreter's
 * own handlers for a fork: a direct run does not fork, so no handler of anybody's may have run, and on the only thread of a
 * process no lock needs to be made anew. The process between shares our memory: copying it twice would cost as much again. */
static int fork_away(void)
{
  int status;
  pid_t between = vfork();
  if (between == 0) {
    pid_t child = fork();
    if (child == 0) return -1;
    _exit(child < 0 ? errno & 255 : 0);
  }
  if (between < 0) return errno;
  while (waitpid(between, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : EAGAIN;
}

int request_fork(void)
{
  int errnum = fork_away();
  if (errnum < 0) return 1;
  for (size_t i = 0; i < fd_count; i++) close(fds[i]);
  struct zygote_message failed = {
    .kind = ZYGOTE_FAILED, .slot = asked.slot, .generation = asked.generation, .errnum = errnum};
  /* A keeper that is gone is seen by the next request. */
  if (errnum != 0) (void)send(ZYGOTE_FD, &failed, sizeof failed, MSG_NOSIGNAL);
  return 0;
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

int request_take_place(int learn_fd)
{
  keeper_pid = (pid_t)asked.keeper_pid;
  be_adopted();
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return -errno;
  if (getppid() != keeper_pid) _exit(EXIT_NOT_ADOPTED); /* it died before the death signal was set */
  /* First the pipes, then the session: by the zygote's session, afterwards by the pipes, the keeper knows who we are. In
   * between it would take us for something that a hook has left behind, and kill us with it. */
  for (int fd = STDIN; fd <= STDERR; fd++)
    if (dup2(fds[fd], fd) < 0) return -errno;
  if (setsid() < 0) return -errno;
  if (fd_count > LEAF && write(fds[LEAF], "0", 1) != 1) _exit(EXIT_NO_LEAF);
  if (dup3(fds[ORDER], ORDER_FD, O_CLOEXEC) < 0) return -errno;
  if (learn_fd >= 0 && learn_fd != LEARN_FD && dup3(learn_fd, LEARN_FD, O_CLOEXEC) < 0) return -errno;
  if (watch_fd >= 0 && watch_fd != WATCH_FD && dup3(watch_fd, WATCH_FD, O_CLOEXEC) < 0) return -errno;
  if (watch_fd >= 0) watch_fd = WATCH_FD;
  close_from(1 + (watch_fd >= 0 ? WATCH_FD : learn_fd >= 0 ? LEARN_FD : ORDER_FD));
  return 0;
}

/* receive_request(): False at end of file. */
object *receive_request(object *self, object *args)
{
  (void)self, (void)args;
  int status = request_receive();
  return status < 0 ? NULL : PyBool_FromLong(status);
}

/* fork_away(): True in the new process. */
object *fork_as_requested(object *self, object *args)
{
  (void)self, (void)args;
  return PyBool_FromLong(request_fork());
}

/* take_place(learn or -1) */
object *take_place(object *self, object *args)
{
  int learn_fd;
  (void)self;
  if (!PyArg_ParseTuple(args, "i", &learn_fd)) return NULL;
  return none_or_error(request_take_place(learn_fd));
}
