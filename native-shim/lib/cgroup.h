/* Groups of control groups (v2, and beside it v1), always relative to an open folder: a path is never walked twice. */
#ifndef HOOK_SUPERVISOR_CGROUP_H
#define HOOK_SUPERVISOR_CGROUP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Makes the group if it is not there and opens its folder. A descriptor or -errno. */
int cgroup_make(int parent_fd, const char *name);
/* One write, as the kernel wants it; retried on EINTR. 0 or -errno. */
int cgroup_write(int group_fd, const char *file, const char *text);
/* Reads a number: the file's only one if key is NULL, else the one on the line "key N". 0, -ENOENT without that key
 * (or for "max"), or -errno. */
int cgroup_read(int group_fd, const char *file, const char *key, uint64_t *number);
/* 1: a process lives in it or below. 0: none. -errno (-ENODEV: the group is gone). */
int cgroup_populated(int group_fd);
/* Sends a signal to every process in the group itself. Forks may outrun it. */
int cgroup_signal(int group_fd, int signal);
/* Kills all in it and below, stopped and frozen ones too. Before Linux 5.14: freeze, signal, thaw. 0 or -errno. */
int cgroup_kill(int group_fd);
/* Removes an empty group; tries for up to timeout_ms: the kernel still sees the dying for a moment. 0 or -errno. */
int cgroup_remove(int parent_fd, const char *name, unsigned timeout_ms);
/* Where a process is, as in /proc/PID/cgroup; pid 0: the caller. In the v2 tree if controller is NULL, else in the v1
 * hierarchy that has it. Its length, -ENOENT without such a line, or -errno (-ENAMETOOLONG: capacity). */
ssize_t cgroup_path_of(pid_t pid, const char *controller, char *path, size_t capacity);

#endif
