#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "tracee.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif
#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#endif
#define NAME_SERVICE_CACHE "/var/run/nscd/socket"
#define NO_FOLDER -1
#define WRITING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

/* Calls that name a file: which arguments are the folder's descriptor and the path. */
static const struct named { int number, folder_at, path_at; enum asked asked; } NAMED[] = {
#ifdef SYS_open /* not on newer architectures */
  { SYS_open, NO_FOLDER, 0, ASKED_PATH },         { SYS_stat, NO_FOLDER, 0, ASKED_PATH },
  { SYS_lstat, NO_FOLDER, 0, ASKED_PATH },        { SYS_access, NO_FOLDER, 0, ASKED_PATH },
  { SYS_readlink, NO_FOLDER, 0, ASKED_PATH },     { SYS_creat, NO_FOLDER, 0, ASKED_TOO_MUCH },
  { SYS_unlink, NO_FOLDER, 0, ASKED_TOO_MUCH },   { SYS_mkdir, NO_FOLDER, 0, ASKED_TOO_MUCH },
  { SYS_rmdir, NO_FOLDER, 0, ASKED_TOO_MUCH },    { SYS_rename, NO_FOLDER, 0, ASKED_TOO_MUCH },
  { SYS_link, NO_FOLDER, 1, ASKED_TOO_MUCH },     { SYS_symlink, NO_FOLDER, 1, ASKED_TOO_MUCH },
  { SYS_chmod, NO_FOLDER, 0, ASKED_TOO_MUCH },    { SYS_chown, NO_FOLDER, 0, ASKED_TOO_MUCH },
  { SYS_mknod, NO_FOLDER, 0, ASKED_TOO_MUCH },    { SYS_utimes, NO_FOLDER, 0, ASKED_TOO_MUCH },
#endif
  { SYS_openat, 0, 1, ASKED_PATH },               { SYS_openat2, 0, 1, ASKED_PATH },
  { SYS_newfstatat, 0, 1, ASKED_PATH },           { SYS_statx, 0, 1, ASKED_PATH },
  { SYS_faccessat, 0, 1, ASKED_PATH },            { SYS_faccessat2, 0, 1, ASKED_PATH },
  { SYS_readlinkat, 0, 1, ASKED_PATH },           { SYS_statfs, NO_FOLDER, 0, ASKED_PATH },
  { SYS_getxattr, NO_FOLDER, 0, ASKED_PATH },     { SYS_chdir, NO_FOLDER, 0, ASKED_PATH },
  { SYS_execve, NO_FOLDER, 0, ASKED_EXEC },       { SYS_execveat, 0, 1, ASKED_TOO_MUCH },
  { SYS_truncate, NO_FOLDER, 0, ASKED_TOO_MUCH }, { SYS_unlinkat, 0, 1, ASKED_TOO_MUCH },
  { SYS_mkdirat, 0, 1, ASKED_TOO_MUCH },          { SYS_renameat2, 0, 1, ASKED_TOO_MUCH },
  { SYS_linkat, 2, 3, ASKED_TOO_MUCH },           { SYS_symlinkat, 1, 2, ASKED_TOO_MUCH },
  { SYS_fchmodat, 0, 1, ASKED_TOO_MUCH },         { SYS_fchownat, 0, 1, ASKED_TOO_MUCH },
  { SYS_mknodat, 0, 1, ASKED_TOO_MUCH },          { SYS_utimensat, 0, 1, ASKED_TOO_MUCH },
#ifdef SYS_renameat
  { SYS_renameat, 0, 1, ASKED_TOO_MUCH },
#endif
};

/* Calls of other kinds, see call_asks(). */
static const int OTHERS[] = {
#ifdef SYS_getdents
  SYS_getdents,
#endif
  SYS_getdents64, SYS_socket, SYS_connect, SYS_io_uring_setup,
};

#define NAMED_COUNT (sizeof NAMED / sizeof *NAMED)
#define OTHER_COUNT (sizeof OTHERS / sizeof *OTHERS)
#define FILTER_HEAD 4
#define FILTER_LENGTH (FILTER_HEAD + 2 * (NAMED_COUNT + OTHER_COUNT) + 1)

int calls_stop(void)
{
  struct sock_filter filter[FILTER_LENGTH] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS), /* its calls have other numbers */
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
  };
  struct sock_filter *at = filter + FILTER_HEAD;
  for (size_t i = 0; i < NAMED_COUNT + OTHER_COUNT; i++) {
    unsigned number = (unsigned)(i < NAMED_COUNT ? NAMED[i].number : OTHERS[i - NAMED_COUNT]);
    *at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
    *at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  }
  *at = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {.len = FILTER_LENGTH, .filter = filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno; /* the filter needs it */
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

static enum asked too_much(char path[2 * PATH_MAX], const char *what)
{
  snprintf(path, 2 * PATH_MAX, "%s", what);
  return ASKED_TOO_MUCH;
}

/* The C library asks the name service cache, if there is one, for what else stands in /etc/passwd: a shell without $SHELL
 * or $HOME does it when it starts. */
static bool is_user_lookup(pid_t tid, uint64_t address)
{
  char socket_path[sizeof NAME_SERVICE_CACHE + 1];
  uint64_t head;
  if (tracee_word(tid, address, &head) < 0 || (sa_family_t)head != AF_UNIX) return false;
  return tracee_string(tid, address + sizeof(sa_family_t), socket_path, sizeof socket_path) == 0 &&
         strcmp(socket_path, NAME_SERVICE_CACHE) == 0;
}

static bool opens_to_write(pid_t tid, uint64_t number, const uint64_t *args)
{
  uint64_t flags = 0;
  if (number == SYS_openat) flags = args[2];
#ifdef SYS_open
  if (number == SYS_open) flags = args[1];
#endif
  /* What cannot be read is not believed. */
  if (number == SYS_openat2 && tracee_word(tid, args[2], &flags) < 0) return true;
  return (flags & WRITING) != 0;
}

static enum asked named_call(pid_t tid, const struct named *named, const uint64_t *args, char path[2 * PATH_MAX])
{
  char given[PATH_MAX];
  int folder_fd = named->folder_at == NO_FOLDER ? AT_FDCWD : (int)args[named->folder_at];
  if (args[named->path_at] == 0 || tracee_string(tid, args[named->path_at], given, sizeof given) < 0)
    return ASKED_NOTHING; /* the call fails, or means its descriptor */
  if (given[0] == '\0') return ASKED_NOTHING;
  if (tracee_absolute(tid, folder_fd, given, path) < 0) return ASKED_NOTHING;
  bool is_device = strcmp(path, "/dev/null") == 0 || strcmp(path, "/dev/tty") == 0;
  if (!is_device && opens_to_write(tid, (uint64_t)named->number, args)) return ASKED_TOO_MUCH;
  return named->asked;
}

enum asked call_asks(pid_t tid, const struct ptrace_syscall_info *call, char path[2 * PATH_MAX])
{
  char descriptor[32];
  uint64_t number = call->seccomp.nr;
  const uint64_t *args = (const uint64_t *)call->seccomp.args;
  path[0] = '\0';
  switch (number) {
  case SYS_getdents64:
    snprintf(descriptor, sizeof descriptor, "fd/%d", (int)args[0]);
    return tracee_link(tid, descriptor, path) < 0 ? ASKED_NOTHING : ASKED_LISTING;
  case SYS_socket:
    return (int)args[0] == AF_UNIX ? ASKED_NOTHING : too_much(path, "the network");
  case SYS_connect:
    return is_user_lookup(tid, args[1]) ? ASKED_NOTHING : too_much(path, "another process");
  case SYS_io_uring_setup: /* files can be opened through it unseen */
    return too_much(path, "io_uring");
#ifdef SYS_getdents
  case SYS_getdents:
    return too_much(path, "getdents");
#endif
  default:
    break;
  }
  for (size_t i = 0; i < NAMED_COUNT; i++)
    if ((uint64_t)NAMED[i].number == number) return named_call(tid, &NAMED[i], args, path);
  return ASKED_NOTHING;
}
