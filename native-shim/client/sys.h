/* System calls for a program without libc: the headers give constants and layouts, nothing of libc is linked. Start-up of a
 * libc costs up to ten times the exec itself in a VM (glibc runs trapping CPUIDs), and this program starts for every hook.
 * Every function answers as the kernel does: a result, or -errno. */
#ifndef HOOK_SUPERVISOR_SYS_H
#define HOOK_SUPERVISOR_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "sys_call.h"

#if defined(__x86_64__)
#include "sys_x86_64.h"
#elif defined(__aarch64__)
#include "sys_aarch64.h"
#else
#error "supervisor-hook is written for x86-64 and aarch64"
#endif

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8 /* linux/fs.h; musl lacks it */
#endif

/* The kernel's own layout; libc's struct sigaction and sigset_t are not it. Signal n is bit n-1 of a mask. */
struct sys_sigaction {
  uint64_t handler;
  unsigned long flags;
  uint64_t restorer;
  uint64_t mask;
};
#define SYS_SIGNAL_MAX 64
#define SYS_SIGNAL_BIT(signal) (1ull << ((signal) - 1))

_Noreturn static inline void sys_exit(int status)
{
  for (;;) SYS6(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

static inline long sys_read(int fd, void *bytes, size_t length)
{
  return SYS6(SYS_read, fd, bytes, length, 0, 0, 0);
}

static inline long sys_write(int fd, const void *bytes, size_t length)
{
  return SYS6(SYS_write, fd, bytes, length, 0, 0, 0);
}

/* At the file's own position. flags: RWF_*. */
static inline long sys_pwritev2(int fd, const struct iovec *parts, int count, int flags)
{
  return SYS6(SYS_pwritev2, fd, parts, count, -1, -1, flags);
}

static inline int sys_open(const char *path, int flags, int mode)
{
  return (int)SYS6(SYS_openat, AT_FDCWD, path, flags, mode, 0, 0);
}

static inline int sys_close(int fd)
{
  return (int)SYS6(SYS_close, fd, 0, 0, 0, 0, 0);
}

static inline int sys_fstat(int fd, struct stat *status)
{
  return (int)SYS6(SYS_fstat, fd, status, 0, 0, 0, 0);
}

/* Of what a symbolic link leads to. */
static inline int sys_stat(const char *path, struct stat *status)
{
  return (int)SYS6(SYS_newfstatat, AT_FDCWD, path, status, 0, 0, 0);
}

static inline int sys_fcntl(int fd, int command, long argument)
{
  return (int)SYS6(SYS_fcntl, fd, command, argument, 0, 0, 0);
}

static inline long sys_lseek(int fd, int64_t offset_bytes, int whence)
{
  return SYS6(SYS_lseek, fd, offset_bytes, whence, 0, 0, 0);
}

static inline int sys_pipe2(int ends[2], int flags)
{
  return (int)SYS6(SYS_pipe2, ends, flags, 0, 0, 0, 0);
}

static inline int sys_dup3(int from, int to, int flags)
{
  return (int)SYS6(SYS_dup3, from, to, flags, 0, 0, 0);
}

/* timeout_ms < 0 waits for ever. */
static inline int sys_poll(struct pollfd *fds, unsigned count, int64_t timeout_ms)
{
  struct timespec timeout = { .tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000 };
  return (int)SYS6(SYS_ppoll, fds, count, timeout_ms < 0 ? NULL : &timeout, NULL, 8, 0);
}

/* Private anonymous memory, or NULL. Pages cost nothing until they are touched. */
static inline void *sys_map(size_t bytes)
{
  long address = SYS6(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return address < 0 && address > -4096 ? NULL : (void *)address;
}

static inline int64_t sys_now_ms(void)
{
  struct timespec now = { 0 };
  SYS6(SYS_clock_gettime, CLOCK_MONOTONIC, &now, 0, 0, 0, 0);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline int sys_signal_action(int signal, const struct sys_sigaction *wanted, struct sys_sigaction *found)
{
  return (int)SYS6(SYS_rt_sigaction, signal, wanted, found, 8, 0, 0);
}

static inline int sys_signal_mask(int how, const uint64_t *wanted, uint64_t *found)
{
  return (int)SYS6(SYS_rt_sigprocmask, how, wanted, found, 8, 0, 0);
}

static inline int sys_signalfd(uint64_t mask, int flags)
{
  return (int)SYS6(SYS_signalfd4, -1, &mask, 8, flags, 0, 0);
}

static inline int sys_pid(void)
{
  return (int)SYS6(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

static inline int sys_parent(void)
{
  return (int)SYS6(SYS_getppid, 0, 0, 0, 0, 0, 0);
}

static inline uint32_t sys_effective_uid(void)
{
  return (uint32_t)SYS6(SYS_geteuid, 0, 0, 0, 0, 0, 0);
}

/* As fork(2), but the child's end raises no SIGCHLD and only sys_wait_silent finds it. */
static inline int sys_fork_silent(void)
{
  return (int)SYS6(SYS_clone, 0, 0, 0, 0, 0, 0);
}

static inline int sys_wait_silent(int pid)
{
  return (int)SYS6(SYS_wait4, pid, NULL, __WALL, NULL, 0, 0);
}

static inline int sys_execve(const char *path, char *const *argv, char *const *env)
{
  return (int)SYS6(SYS_execve, path, argv, env, 0, 0, 0);
}

#endif
