#include "order.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apply.h"
#include "io.h"
#include "wire.h"

#define ORDER_MAX_BYTES (FRAME_CALL_MAX_BYTES + sizeof(struct order_head))
#define SHELL "/bin/sh"

_Noreturn static void decline(int order_fd)
{
  struct park_report report = { .kind = PARK_DECLINED, .pid = (uint32_t)getpid() };
  (void)write_all(order_fd, &report, sizeof report);
  _exit(0);
}

static void *map_bytes(size_t bytes)
{
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

/* The whole order in one mapping, and the cwd that came with its first bytes. NULL: it is not sound. */
static unsigned char *receive_order(int order_fd, struct order_head *head, int *cwd_fd)
{
  size_t fd_count;
  ssize_t got = receive_with_fds(order_fd, head, sizeof *head, cwd_fd, 1, &fd_count, 0);
  if (got <= 0) _exit(0); /* the keeper is gone, or has no more use for us */
  size_t missing_bytes = sizeof *head - (size_t)got;
  if (read_exactly(order_fd, (unsigned char *)head + got, missing_bytes) < 0) _exit(0);

  uint64_t blobs_bytes = (uint64_t)head->path_bytes + head->argv_bytes + head->env_bytes;
  if (head->total_bytes > ORDER_MAX_BYTES || sizeof *head + blobs_bytes != head->total_bytes) return NULL;
  unsigned char *blobs = map_bytes(blobs_bytes + 1);
  if (blobs == NULL) return NULL;
  if (read_exactly(order_fd, blobs, blobs_bytes) < 0) _exit(0);
  return fd_count == 1 ? blobs : NULL;
}

/* count strings out of exactly length bytes; NULL if they do not add up. The place before the first is for SHELL. */
static char **split(unsigned char *blob, uint32_t length, uint32_t count)
{
  if (count > length) return NULL;
  char **strings = map_bytes(((size_t)count + 2) * sizeof *strings);
  if (strings == NULL) return NULL;
  unsigned char *at = blob, *end = blob + length;
  for (uint32_t i = 0; i < count; i++) {
    unsigned char *nul = memchr(at, '\0', (size_t)(end - at));
    if (nul == NULL) return NULL;
    strings[i + 1] = (char *)at;
    at = nul + 1;
  }
  return at == end ? strings + 1 : NULL;
}

/* As a shell, or env, answers for a program it cannot run. */
_Noreturn static void cannot_execute(const char *path, int error)
{
  char line[512];
  int length = snprintf(line, sizeof line, "supervisor-hook: %.400s: %s\n", path, strerror(error));
  (void)write_all(2, line, (size_t)length);
  _exit(error == ENOENT ? 127 : 126);
}

void order_run(int order_fd)
{
  struct order_head head;
  int cwd_fd = -1;
  unsigned char *path = receive_order(order_fd, &head, &cwd_fd);
  if (path == NULL || head.mode != ORDER_EXEC || head.argc == 0) decline(order_fd);
  if (head.path_bytes < 2 || memchr(path, '\0', head.path_bytes) != path + head.path_bytes - 1) decline(order_fd);
  char **argv = split(path + head.path_bytes, head.argv_bytes, head.argc);
  char **env = split(path + head.path_bytes + head.argv_bytes, head.env_bytes, head.envc);
  if (argv == NULL || env == NULL) decline(order_fd);

  if (fchdir(cwd_fd) < 0) decline(order_fd);
  close(cwd_fd); /* an order cannot make it survive execve: the descriptor came close-on-exec */
  if ((head.flags & ORDER_MERGED_OUTPUT) && dup2(1, 2) < 0) decline(order_fd);
  if (apply_inherited(&head.inherited) < 0) decline(order_fd);

  /* Non-dumpable until execve, which ends that: until then this memory is a copy of the keeper's. */
  execve((char *)path, argv, env);
  if (errno == ENOEXEC) { /* a script without #!, which execvp hands to the shell */
    argv[-1] = SHELL;
    argv[0] = (char *)path;
    execve(SHELL, argv - 1, env);
  }
  cannot_execute((char *)path, errno);
}
