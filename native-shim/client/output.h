/* Forwards the hook's output to fds 1 and 2. Never waits inside a write: a signal, or more input for the hook, may come
 * while our own reader is slow. O_NONBLOCK is not used, it would be set for everybody who shares the open file. */
#ifndef HOOK_SUPERVISOR_CLIENT_OUTPUT_H
#define HOOK_SUPERVISOR_CLIENT_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

enum output_kind { OUTPUT_UNKNOWN, OUTPUT_FILE, OUTPUT_SOCKET, OUTPUT_PIPE, OUTPUT_OLD_PIPE, OUTPUT_DEVICE };
struct output {
  int fd;
  uint32_t stream; /* enum stream */
  enum output_kind kind;
  int is_stopped; /* a write has failed; nothing more is sent there */
  int is_line_open; /* what went there last did not end a line */
};

/* Bytes taken, at least 1; -EAGAIN: poll the fd for POLLOUT; else -errno. */
/* 1 if fd is a pipe or socket that nobody can read from any more: a direct run of the hook meets that at its next
 * write, so the hook must, too. */
int output_reader_is_gone(int fd);
/* The same question for poll: fd if it is to be watched, else -1. */
int output_watched_fd(struct output *output);

long output_write(struct output *output, const void *bytes, size_t length);

#endif
