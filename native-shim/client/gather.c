#include "gather.h"

#include "json.h"
#include "sys.h"

/* How long to wait for the next bytes: a closed JSON text takes along only what is there already. */
static int64_t patience_ms(const struct json_scan *scan, int64_t end_ms)
{
  if (scan->state == JSON_CLOSED) return 0;
  int64_t left_ms = end_ms - sys_now_ms();
  if (left_ms < 0) left_ms = 0;
  return left_ms < GATHER_QUIET_MS ? left_ms : GATHER_QUIET_MS;
}

void gather_stdin(struct call *call)
{
  struct json_scan scan = { JSON_BEFORE, 0 };
  int64_t end_ms = sys_now_ms() + GATHER_TOTAL_MS;
  while (call->stdin_length < GATHER_ENOUGH_BYTES) {
    struct pollfd input = { .fd = 0, .events = POLLIN };
    if (sys_poll(&input, 1, patience_ms(&scan, end_ms)) <= 0) {
      call->is_stdin_complete = scan.state == JSON_CLOSED;
      return;
    }
    unsigned char *to = call->stdin_bytes + call->stdin_length;
    long length = sys_read(0, to, GATHER_CHUNK_BYTES);
    if (length == -EAGAIN || length == -EINTR) continue;
    if (length <= 0) { /* an error is the end too: a closed or unreadable fd 0 has nothing to give */
      call->is_stdin_complete = call->is_stdin_ended = 1;
      return;
    }
    json_feed(&scan, to, (size_t)length);
    call->stdin_length += (size_t)length;
  }
}
