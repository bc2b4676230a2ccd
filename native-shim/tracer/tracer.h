/* supervisor-tracer: runs an interpreter's shim up to the moment when it becomes the interpreter, which it does not let
 * run, and reports which files were asked for on the way and what the interpreter would have been started with. */
#ifndef HOOK_SUPERVISOR_TRACER_H
#define HOOK_SUPERVISOR_TRACER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What is run: a blob on stdin, strings with their NULs: path, folder, number of arguments, arguments, environment. */
struct request {
  const char *path, *folder;
  char **argv, **envp;
  /* Names of programs that may run on the way, beside the shim itself. */
  char **helpers;
  int helper_count;
};

/* 0 or -errno; -EPROTO where the blob does not add up. It is kept for good. */
int request_read(int fd, struct request *request);

/* The shim, stopped before its execve until it is traced. */
struct shim {
  pid_t pid;
  int go_fd;    /* a byte lets it go */
  int stdin_fd; /* reading end of its stdin, in which one byte lies */
  int out_fd;   /* what it says */
};

/* 0 or -errno. */
int shim_start(const struct request *request, struct shim *shim);

/* Records go to stdout, each two strings with their NULs: what, and text. */
void report(const char *what, const char *text);

/* Follows the shim to its end and reports `end` or `no`. 0 or -errno of the tracing itself. */
int trace(const struct request *request, const struct shim *shim);

/* Why what the shim would become is not wholly described by path, argv and environment; NULL where it is. */
const char *unaccounted(const struct shim *shim, const struct request *request);

/* The last records: `end`, then path, `argv` and `environ`, each with its strings. 0 or -errno. */
int report_end(pid_t pid, const char *path);

#endif
