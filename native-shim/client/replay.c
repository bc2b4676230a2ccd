#include "replay.h"

#include "sys.h"

#define COPY_BYTES (64u * 1024)

/* The feeder's life: what was gathered, then what still comes. It ends with its input or when nobody can read from the pipe
 * any more, which poll tells as POLLERR; so it never outlives the hook. */
_Noreturn static void feed(const unsigned char *bytes, size_t length, int is_complete)
{
  unsigned char *chunk = is_complete ? NULL : sys_map(COPY_BYTES);
  int status = write_all(1, bytes, length);
  while (status == 0 && chunk != NULL) {
    struct pollfd fds[2] = { { .fd = 0, .events = POLLIN }, { .fd = 1 } };
    if (sys_poll(fds, 2, -1) > 0 && fds[1].revents != 0) break;
    if (fds[0].revents == 0) continue;
    long taken = sys_read(0, chunk, COPY_BYTES);
    if (taken == -EAGAIN || taken == -EINTR) continue;
    if (taken <= 0) break;
    status = write_all(1, chunk, (size_t)taken);
  }
  sys_exit(0);
}

/* Starts the feeder as an orphan: this process becomes the hook, which must not find a child it does not know. */
static int start_feeder(int pipe_fd, const unsigned char *bytes, size_t length, int is_complete,
                        const struct signals *signals)
{
  int child = sys_fork_silent();
  if (child < 0) return child;
  if (child > 0) {
    sys_wait_silent(child);
    return 0;
  }
  int feeder = sys_fork_silent();
  if (feeder != 0) sys_exit(0);
  signals_restore(signals);
  /* It keeps only its two ends: whoever reads the hook's output must see its end when the hook ends. */
  sys_dup3(pipe_fd, 1, 0);
  sys_close(2);
  SYS6(SYS_close_range, 3, ~0u, 0, 0, 0, 0);
  feed(bytes, length, is_complete);
}

static int seek_back(size_t length)
{
  struct stat status;
  if (sys_fstat(0, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return sys_lseek(0, -(int64_t)length, SEEK_CUR) >= 0;
}

int replay_stdin(const struct call *call, const struct signals *signals)
{
  if (call->stdin_length == 0 || seek_back(call->stdin_length)) return 0;
  int ends[2];
  int status = sys_pipe2(ends, O_CLOEXEC);
  if (status != 0) return status;

  sys_fcntl(ends[1], F_SETFL, O_NONBLOCK);
  long written = sys_write(ends[1], call->stdin_bytes, call->stdin_length);
  sys_fcntl(ends[1], F_SETFL, 0);
  size_t done = written > 0 ? (size_t)written : 0;
  if (done < call->stdin_length || !call->is_stdin_complete)
    status = start_feeder(ends[1], call->stdin_bytes + done, call->stdin_length - done, call->is_stdin_complete, signals);
  if (status == 0) status = sys_dup3(ends[0], 0, 0);
  sys_close(ends[0]);
  sys_close(ends[1]);
  return status < 0 ? status : 0;
}
