#include "leave.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wire.h"

#define STREAMS 3
#define PIPEFS_MAGIC 0x50495045 /* of linux/magic.h, which not every machine with a compiler has */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static struct {
  pid_t self, keeper;
  unsigned long long libraries;
  struct stat files[STREAMS];
  int flags[STREAMS];
} start;

static int read_adds(struct dl_phdr_info *info, size_t size, void *adds)
{
  (void)size;
  *(unsigned long long *)adds = info->dlpi_adds;
  return 1; /* it is the same in every entry */
}

static unsigned long long libraries_loaded(void)
{
  unsigned long long adds = 0;
  dl_iterate_phdr(read_adds, &adds);
  return adds;
}

/* A child may go on with the same open file: as Node does, give it back without the O_NONBLOCK that libuv has set. */
static void give_back(int fd)
{
  struct stat now;
  if (start.flags[fd] < 0 || fstat(fd, &now) < 0) return;
  if (now.st_dev == start.files[fd].st_dev && now.st_ino == start.files[fd].st_ino) fcntl(fd, F_SETFL, start.flags[fd]);
}

static void close_all(void)
{
  if (syscall(SYS_close_range, 0, ~0u, 0) == 0) return;
  long limit = sysconf(_SC_OPEN_MAX); /* before Linux 5.9, or a filter that does not know it */
  if (limit < 0 || limit > 65536) limit = 65536;
  for (int fd = 0; fd < limit; fd++) close(fd);
}

static bool is_seen_by_others(int fd)
{
  struct stat file;
  if (fstat(fd, &file) < 0 || S_ISCHR(file.st_mode)) return false;
  if (!S_ISFIFO(file.st_mode)) return (file.st_mode & S_IFMT) != 0; /* what the event loop waits with is of no kind */
  struct statfs where;
  return fstatfs(fd, &where) == 0 && where.f_type != PIPEFS_MAGIC;
}

/* Leaves open what the rest of Node may yet use: the event loop's own, and pipes between its threads. */
static void close_what_others_see(void)
{
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    int fd = atoi(entry->d_name);
    if (fd != dirfd(folder) && is_seen_by_others(fd)) close(fd);
  }
  closedir(folder);
}

/* Gives the answer. Not 0: an early end could be noticed. Before it, descriptors are closed, so that who hears the answer
 * finds locks and ports free, as after a direct run. `is_last`: nothing of Node runs after it, so that is all of them. */
static int tell_keeper(int status, bool is_last)
{
  /* Libraries loaded by the hook may have destructors; a child of an addon's fork is not the process we know. */
  if (start.keeper == 0 || getpid() != start.self || getppid() != start.keeper || libraries_loaded() != start.libraries) return -1;
  pid_t keeper = start.keeper;
  fflush(NULL);
  for (int fd = 0; fd < STREAMS; fd++) {
    give_back(fd);
    close(fd); /* before the signal: so the keeper knows that nothing follows */
  }
  if (is_last) close_all();
  else close_what_others_see();
  start.keeper = 0; /* nobody is told twice */
  return sigqueue(keeper, TASK_FINISHED_SIGNAL, (union sigval){ .sival_int = status & 255 });
}

/* In exit(), after the exit handlers of everything loaded later than Node. */
static void leave_in_exit(int status, void *unused)
{
  (void)unused;
  if (tell_keeper(status, true) == 0) _exit(status);
}

void leave_now(const struct node_exit *node_exit)
{
  if (node_exit->code == NULL) return;
  if (!*node_exit->has_code && *node_exit->main_unsettled) return; /* Node has a status of its own for that */
  int status = *node_exit->has_code ? *node_exit->code : 0;
  if (tell_keeper(status, !node_exit->has_more) == 0 && !node_exit->has_more) _exit(status);
}

int leave_early(pid_t keeper)
{
  start.self = getpid();
  start.keeper = keeper;
  start.libraries = libraries_loaded();
  for (int fd = 0; fd < STREAMS; fd++)
    start.flags[fd] = fstat(fd, &start.files[fd]) == 0 ? fcntl(fd, F_GETFL) : -1;
  return on_exit(leave_in_exit, NULL) == 0 ? 0 : -ENOMEM;
}
