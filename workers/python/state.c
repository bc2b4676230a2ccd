/* What a process is to the kernel: its environment, limits, umask, and the files that its interpreter was made of. One call
 * here instead of dozens from Python, which the answer would wait for. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "native.h"
#include "wire.h"

#define RESERVED_SIGNAL_FIRST 32
#define RESERVED_SIGNAL_LAST 33

/* set_environ(list of bytes): C's environ becomes exactly these strings, in order, well-formed or not. */
object *set_environ(object *self, object *args)
{
  object *list;
  extern char **environ;
  (void)self;
  if (!PyArg_ParseTuple(args, "O", &list)) return NULL;
  ptrdiff_t count = PyList_Size(list), total = 0;
  if (count < 0) return NULL;
  for (ptrdiff_t i = 0; i < count; i++) total += PyBytes_Size(PyList_GetItem(list, i)) + 1;
  char **entries = malloc(((size_t)count + 1) * sizeof *entries), *text = malloc((size_t)total + 1);
  if (entries == NULL || text == NULL) return PyErr_SetFromErrno(PyExc_OSError);
  for (ptrdiff_t i = 0; i < count; i++) {
    size_t length = (size_t)PyBytes_Size(PyList_GetItem(list, i)) + 1;
    entries[i] = memcpy(text, PyBytes_AsString(PyList_GetItem(list, i)), length);
    text += length;
  }
  entries[count] = NULL;
  environ = entries;
  return none();
}

object *set_dumpable(object *self, object *args)
{
  int dumpable;
  (void)self;
  if (!PyArg_ParseTuple(args, "i", &dumpable)) return NULL;
  if (prctl(PR_SET_DUMPABLE, dumpable) < 0) return PyErr_SetFromErrno(PyExc_OSError);
  return none();
}

static int set_limits(const struct wire_rlimit *limits)
{
  for (int which = 0; which < WIRE_RLIMITS; which++) {
    struct rlimit now, wanted = {.rlim_cur = limits[which].soft, .rlim_max = limits[which].hard};
    if (which == RLIMIT_CORE) wanted.rlim_cur = 0;
    if (getrlimit(which, &now) < 0) return -errno;
    if (now.rlim_cur == wanted.rlim_cur && now.rlim_max == wanted.rlim_max) continue;
    if (setrlimit(which, &wanted) < 0) return -errno;
  }
  return 0;
}

static int set_priority(int nice)
{
  errno = 0;
  int now = getpriority(PRIO_PROCESS, 0);
  if (errno != 0) return -errno;
  return now == nice || setpriority(PRIO_PROCESS, 0, nice) == 0 ? 0 : -errno;
}

/* The two signals that libc keeps for itself. Its posix_spawn leaves them ignored in what it starts, and nobody but the
 * kernel can be asked to ignore them again. */
static int ignore_reserved_signals(uint64_t ignored)
{
  const struct { void *handler; unsigned long flags; void *restorer; uint64_t mask; } ignore = {.handler = (void *)SIG_IGN};
  for (int number = RESERVED_SIGNAL_FIRST; number <= RESERVED_SIGNAL_LAST; number++) {
    if (!(ignored >> (number - 1) & 1)) continue;
    if (syscall(SYS_rt_sigaction, number, &ignore, NULL, sizeof ignore.mask) < 0) return -errno;
  }
  return 0;
}

/* inherit(order, cwd descriptor): cwd, umask, priority, limits, merged output and an empty signal mask; which other signals
 * are ignored is the interpreter's business. The order is as long as its head says: receive_order() has seen to it. */
object *inherit(object *self, object *args)
{
  object *order;
  int cwd_fd, failed;
  struct order_head head;
  sigset_t none_blocked;
  (void)self;
  if (!PyArg_ParseTuple(args, "Oi", &order, &cwd_fd)) return NULL;
  memcpy(&head, PyBytes_AsString(order), sizeof head);
  failed = fchdir(cwd_fd) < 0 ? -errno : 0;
  close(cwd_fd);
  umask((mode_t)head.inherited.umask & 0777);
  if (failed == 0) failed = set_priority(head.inherited.nice);
  if (failed == 0) failed = set_limits(head.inherited.rlimits);
  sigemptyset(&none_blocked);
  if (failed == 0 && sigprocmask(SIG_SETMASK, &none_blocked, NULL) < 0) failed = -errno;
  if (failed == 0) failed = ignore_reserved_signals(head.inherited.ignored_signals);
  if (failed == 0 && head.flags & ORDER_MERGED_OUTPUT && dup2(1, 2) < 0) failed = -errno;
  errno = -failed;
  return failed == 0 ? none() : PyErr_SetFromErrno(PyExc_OSError);
}

/* How modules.py packs the stamp of a file or folder; the path follows, with its NUL. */
struct packed_stamp {
  uint64_t is_there, device, inode;
  int64_t size_bytes, modified_ns, changed_ns;
};

static int64_t as_ns(struct timespec time)
{
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int is_unchanged(const struct packed_stamp *known, const char *path)
{
  struct stat now;
  if (stat(path, &now) < 0) return !known->is_there;
  return known->is_there && known->device == now.st_dev && known->inode == now.st_ino &&
         known->size_bytes == now.st_size && known->modified_ns == as_ns(now.st_mtim) &&
         known->changed_ns == as_ns(now.st_ctim);
}

/* unchanged(packed stamps): whether all of them still hold. */
object *unchanged(object *self, object *args)
{
  object *packed;
  struct packed_stamp known;
  (void)self;
  if (!PyArg_ParseTuple(args, "O", &packed)) return NULL;
  const char *at = PyBytes_AsString(packed), *end = at + PyBytes_Size(packed);
  while (at < end) {
    memcpy(&known, at, sizeof known);
    if (!is_unchanged(&known, at + sizeof known)) return PyBool_FromLong(0);
    at += sizeof known + strlen(at + sizeof known) + 1;
  }
  return PyBool_FromLong(1);
}
