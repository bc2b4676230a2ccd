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

/* C's environ becomes exactly these strings, in order, well-formed or not. Where `value` is not NULL, every entry of that
 * name is left out, and this one comes last. 0, or -1 with an exception. */
int environ_become(const char *first, const char *end, size_t count, const char *name, const char *value)
{
  extern char **environ;
  size_t name_bytes = strlen(name), added_bytes = value == NULL ? 0 : name_bytes + strlen(value) + 2;
  char **entries = malloc((count + 2) * sizeof *entries), *text = malloc((size_t)(end - first) + added_bytes + 1);
  if (entries == NULL || text == NULL) return PyErr_SetFromErrno(PyExc_OSError), -1;
  size_t made = 0;
  for (const char *at = first; at < end; at += strlen(at) + 1) {
    if (value != NULL && strncmp(at, name, name_bytes) == 0 && at[name_bytes] == '=') continue;
    entries[made++] = text;
    text = stpcpy(text, at) + 1;
  }
  if (value != NULL) {
    entries[made++] = text;
    (void)stpcpy(stpcpy(stpcpy(text, name), "="), value);
  }
  entries[made] = NULL;
  environ = entries;
  return 0;
}

/* set_environ(strings, each with its NUL; their number). */
object *set_environ(object *self, object *args)
{
  object *blob;
  int count;
  (void)self;
  if (!PyArg_ParseTuple(args, "Oi", &blob, &count)) return NULL;
  const char *first = PyBytes_AsString(blob);
  return environ_become(first, first + PyBytes_Size(blob), (size_t)count, "", NULL) < 0 ? NULL : none();
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

int inherit(const struct order_head *head, int cwd_fd)
{
  sigset_t none_blocked;
  int failed = fchdir(cwd_fd) < 0 ? -errno : 0;
  close(cwd_fd);
  umask((mode_t)head->inherited.umask & 0777);
  if (failed == 0) failed = set_priority(head->inherited.nice);
  if (failed == 0) failed = set_limits(head->inherited.rlimits);
  sigemptyset(&none_blocked);
  if (failed == 0 && sigprocmask(SIG_SETMASK, &none_blocked, NULL) < 0) failed = -errno;
  if (failed == 0) failed = ignore_reserved_signals(head->inherited.ignored_signals);
  if (failed == 0 && head->flags & ORDER_MERGED_OUTPUT && dup2(1, 2) < 0) failed = -errno;
  return failed;
}
