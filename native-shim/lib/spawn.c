#include "spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_BYTES (64 * 1024)
#define GUARD_BYTES (64 * 1024) /* a multiple of every page size */
#define KERNEL_SIGNALS 64

/* Lives on the parent's stack. The child shares the memory and the parent sleeps until it has exec'ed or ended, so
 * errnum needs neither a pipe nor a lock. */
struct child_start {
  const struct spawn_request *request;
  int errnum;
};

/* What the kernel takes: sigset_t of libc is longer. */
struct kernel_sigaction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)(void);
  unsigned long mask;
};

/* libc refuses its two internal signals, and an ignored one survives the exec like any other. Handlers must go before
 * the mask is emptied: one that ran here would run in the parent's memory. */
static void default_all_signals(void)
{
  const struct kernel_sigaction defaults = { 0 };
  for (int number = 1; number <= KERNEL_SIGNALS; number++)
    syscall(SYS_rt_sigaction, number, &defaults, NULL, KERNEL_SIGNALS / 8);
}

/* Without close_range (before Linux 5.9, or filtered): getdents by hand, for opendir would allocate memory under the
 * feet of the parent's other threads. */
static int close_from_by_listing(int first)
{
  union {
    char bytes[2048];
    struct dirent64 aligned;
  } buf;
  int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -errno;
  for (;;) {
    long length = syscall(SYS_getdents64, folder, buf.bytes, sizeof buf.bytes);
    if (length < 0) return -errno;
    if (length == 0) break;
    for (long at = 0; at < length;) {
      const struct dirent64 *entry = (const struct dirent64 *)(buf.bytes + at);
      int fd = 0;
      for (const char *digit = entry->d_name; *digit >= '0' && *digit <= '9'; digit++) fd = fd * 10 + (*digit - '0');
      /* Marked, not closed: the listing stays whole while it is read. */
      if (fd >= first) fcntl(fd, F_SETFD, FD_CLOEXEC);
      at += entry->d_reclen;
    }
  }
  return 0;
}

static int close_from(int first)
{
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0u, 0) == 0) return 0;
#endif
  return close_from_by_listing(first);
}

/* A copy out of the way of the child's numbers, or -errno. */
static int copy_above(int fd, int first_free)
{
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, first_free);
  return copy < 0 ? -errno : copy;
}

/* Sources may lie on each other's targets: all move out of the way first, then into place. */
static int place_fds(const struct spawn_request *request)
{
  int first_free = SPAWN_FIRST_FD + request->fd_count;
  int copies[SPAWN_FIRST_FD + SPAWN_FDS_MAX];
  int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null_fd < 0) return -errno;
  int log_fd = request->log_fd >= 0 ? request->log_fd : null_fd;
  for (int fd = 0; fd < first_free; fd++) {
    int source = fd == 0 ? null_fd : fd < SPAWN_FIRST_FD ? log_fd : request->fds[fd - SPAWN_FIRST_FD];
    copies[fd] = copy_above(source, first_free);
    if (copies[fd] < 0) return copies[fd];
  }
  for (int fd = 0; fd < first_free; fd++)
    if (dup2(copies[fd], fd) < 0) return -errno;
  return close_from(first_free);
}

static int enter(const struct spawn_request *request)
{
  default_all_signals();
  if (setsid() < 0) return -errno;
  if (chdir(request->cwd) < 0) return -errno;
  int status = place_fds(request);
  if (status < 0) return status;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(request->file, request->argv, request->envp);
  return -errno;
}

static int child_main(void *argument)
{
  struct child_start *start = argument;
  start->errnum = -enter(start->request);
  _exit(127);
}

int spawn_process(const struct spawn_request *request, pid_t *pid)
{
  if (request->fd_count < 0 || request->fd_count > SPAWN_FDS_MAX) return -EINVAL;
  char *stack = mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return -errno;
  if (mprotect(stack, GUARD_BYTES, PROT_NONE) < 0) {
    int errnum = errno;
    munmap(stack, GUARD_BYTES + STACK_BYTES);
    return -errnum;
  }

  /* No handler of ours may run in the child while it shares our memory. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  struct child_start start = { .request = request };
  pid_t child = clone(child_main, stack + GUARD_BYTES + STACK_BYTES, CLONE_VM | CLONE_VFORK | SIGCHLD, &start);
  int errnum = child < 0 ? errno : __atomic_load_n(&start.errnum, __ATOMIC_RELAXED);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  munmap(stack, GUARD_BYTES + STACK_BYTES);
  if (child < 0) return -errnum;
  if (errnum != 0) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    return -errnum;
  }
  *pid = child;
  return 0;
}
