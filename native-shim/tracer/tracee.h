/* Looking into a stopped process. */
#ifndef HOOK_SUPERVISOR_TRACEE_H
#define HOOK_SUPERVISOR_TRACEE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The NUL-terminated string at address, cut at capacity - 1. 0 or -errno. */
int tracee_string(pid_t pid, uint64_t address, char *text, size_t capacity);

/* The 64-bit word at address. 0 or -errno. */
int tracee_word(pid_t pid, uint64_t address, uint64_t *word);

/* Where /proc/PID/NAME leads. 0 or -errno. */
int tracee_link(pid_t pid, const char *name, char path[PATH_MAX]);

/* path as the process means it: absolute, below its folder or below one of its descriptors. 0 or -errno. */
int tracee_absolute(pid_t pid, int folder_fd, const char *path, char absolute[2 * PATH_MAX]);

/* The whole of /proc/PID/NAME, to be freed; NULL where it cannot be read or is longer than TRACEE_FILE_MAX_BYTES. */
#define TRACEE_FILE_MAX_BYTES (4u << 20)
char *tracee_file(pid_t pid, const char *name, size_t *length);

#endif
