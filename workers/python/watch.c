/* Whether any file of the library has changed since the zygote looked: one question to the kernel (inotify) instead of one
 * for each file, which cost a hook a tenth of a millisecond. What inotify does not tell (a network's file system, a path
 * through a symbolic link, a kernel out of watches) is looked at as ever.
 *
 * The zygote keeps the list of events, parked processes ask whether anything is on it. Before the zygote takes events off
 * the list it raises a flag that all of them see, and lowers it only if every stamp still holds. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "native.h"
#include "stamp.h"

#define OF_A_FILE (IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_MASK_ADD)
#define OF_A_FOLDER (OF_A_FILE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
#define OF_A_PARENT (IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD)
/* A direct run needs longer than this from its start to its first import. */
#define TRUSTED_NS 20000000

#define WATCH_FD_MIN 64

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif
/* Everything that happens to their files passes through this kernel. */
static const unsigned long local_file_systems[] = {
    EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
};

int watch_fd = -1;
static volatile int *flag; /* shared by zygote and parked processes: what the list says does not count */
static long long trusted_until_ns;

static long long now_ns(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static int is_local(const char *path)
{
  struct statfs info;
  if (statfs(path, &info) < 0) return 0;
  for (size_t i = 0; i < sizeof local_file_systems / sizeof *local_file_systems; i++)
    if ((unsigned long)info.f_type == local_file_systems[i]) return 1;
  return 0;
}

/* 0, or -1 where not all that may happen to this path would be told. */
static int watch_path(const char *path)
{
  char real[PATH_MAX];
  if (realpath(path, real) == NULL || strcmp(real, path) != 0 || !is_local(path)) return -1;
  if (inotify_add_watch(watch_fd, path, OF_A_FOLDER | IN_ONLYDIR) < 0 && inotify_add_watch(watch_fd, path, OF_A_FILE) < 0) return -1;
  for (char *slash = strrchr(real, '/'); slash != NULL && slash != real; slash = strrchr(real, '/')) {
    *slash = '\0';
    if (inotify_add_watch(watch_fd, real, OF_A_PARENT) < 0) return -1;
  }
  return 0;
}

static int watch_all(object *packed, object *absent)
{
  struct packed_stamp stamp;
  const char *at = PyBytes_AsString(packed), *end = at + PyBytes_Size(packed);
  while (at < end) {
    const char *path = at + sizeof stamp, *next = path + strlen(path) + 1;
    memcpy(&stamp, at, sizeof stamp);
    if (stamp.is_there && watch_path(path) < 0) return -1;
    object *part = stamp.is_there ? NULL : PyBytes_FromStringAndSize(at, next - at);
    if (!stamp.is_there && (part == NULL || PyList_Append(absent, part) < 0)) return PyErr_Clear(), -1;
    at = next;
  }
  return stamps_unchanged(PyBytes_AsString(packed), PyBytes_Size(packed)) ? 0 : -1;
}

/* watch(packed stamps): the descriptor, and the stamps of what is not there, as a list; such paths cannot be watched. (-1,
 * None) where it does not work. */
object *watch(object *self, object *args)
{
  object *packed, *absent = PyList_New(0);
  (void)self;
  if (absent == NULL || !PyArg_ParseTuple(args, "O", &packed)) return NULL;
  int made = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  /* Out of the way of those that a parked process has at certain numbers. */
  watch_fd = made < 0 ? -1 : fcntl(made, F_DUPFD_CLOEXEC, WATCH_FD_MIN);
  if (made >= 0) close(made);
  void *page = mmap(NULL, sizeof *flag, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  flag = page == MAP_FAILED ? NULL : page;
  if (watch_fd >= 0 && flag != NULL && watch_all(packed, absent) == 0) return Py_BuildValue("(iN)", watch_fd, absent);
  if (watch_fd >= 0) close(watch_fd);
  watch_fd = -1;
  Py_DecRef(absent);
  return Py_BuildValue("(iO)", -1, &_Py_NoneStruct);
}

/* settle_watch(packed stamps): takes the events off the list. False: something has changed, and nobody asks any more. */
object *settle_watch(object *self, object *args)
{
  char events[4096];
  object *packed;
  (void)self;
  if (!PyArg_ParseTuple(args, "O", &packed)) return NULL;
  __atomic_store_n(flag, 1, __ATOMIC_SEQ_CST);
  while (read(watch_fd, events, sizeof events) > 0) continue;
  int is_unchanged = stamps_unchanged(PyBytes_AsString(packed), PyBytes_Size(packed));
  if (is_unchanged) __atomic_store_n(flag, 0, __ATOMIC_SEQ_CST);
  return PyBool_FromLong(is_unchanged);
}

int watch_is_quiet(void)
{
  int events_bytes = 1;
  trusted_until_ns = 0; /* a rehearsal has asked before */
  if (watch_fd < 0 || __atomic_load_n(flag, __ATOMIC_SEQ_CST) != 0) return 0;
  if (ioctl(watch_fd, FIONREAD, &events_bytes) < 0 || events_bytes != 0) return 0;
  trusted_until_ns = now_ns() + TRUSTED_NS;
  return 1;
}

int watch_was_quiet(void)
{
  return trusted_until_ns != 0 && now_ns() < trusted_until_ns;
}

void watch_end(void)
{
  if (watch_fd < 0) return;
  close(watch_fd);
  watch_fd = -1;
  munmap((void *)flag, sizeof *flag);
}
