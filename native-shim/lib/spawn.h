/* Starts a program without copying the caller's page tables: a fork of a large Node process costs milliseconds. */
#ifndef HOOK_SUPERVISOR_SPAWN_H
#define HOOK_SUPERVISOR_SPAWN_H

#include <sys/types.h>

#define SPAWN_FIRST_FD 3
#define SPAWN_FDS_MAX 16

/* The child gets a new session, default signals, an empty signal mask, /dev/null as stdin, and nothing else of the
 * caller's descriptors than those named here. */
struct spawn_request {
  const char *file; /* for execve: no search in PATH */
  char *const *argv;
  char *const *envp;
  const char *cwd;
  const int *fds; /* child descriptor number is SPAWN_FIRST_FD + index */
  int fd_count;   /* at most SPAWN_FDS_MAX */
  int log_fd;     /* stdout and stderr; -1: /dev/null */
};

/* 0, or -errno of the first step that failed, with no child left behind. */
int spawn_process(const struct spawn_request *request, pid_t *pid);

#endif
