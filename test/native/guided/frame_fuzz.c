/* Coverage-guided: a stream of frames from a client, a daemon or an operator, and the CALLs in it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

#define MUST(condition) do { if (!(condition)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

/* A copy of exactly that length: the sanitizer sees one byte too far. */
static unsigned char *exact(const unsigned char *bytes, size_t length)
{
  unsigned char *copy = malloc(length > 0 ? length : 1);
  MUST(copy != NULL);
  memcpy(copy, bytes, length);
  return copy;
}

static void check_call(const unsigned char *bytes, size_t length)
{
  unsigned char *payload = exact(bytes, length);
  struct call_head head;
  int status = frame_check_call(payload, length);
  MUST(status == 0 || status == -EBADMSG);
  if (status == 0) { /* what the readers of a sound call rely on */
    memcpy(&head, payload, sizeof head);
    const unsigned char *argv = payload + sizeof head, *env = argv + head.argv_bytes;
    MUST(head.argc > 0 && env[-1] == 0);
    MUST(head.env_bytes == 0 || env[head.env_bytes - 1] == 0);
    MUST(env + head.env_bytes + head.cwd_bytes + head.stdin_bytes == payload + length);
  }
  free(payload);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
  if (length == 0) return 0;
  enum frame_peer peer = (enum frame_peer)(bytes[0] % 4); /* one more than there are */
  unsigned char *stream = exact(bytes + 1, length - 1);
  for (size_t at = 0; at <= length - 1;) {
    struct frame_header header;
    size_t need_bytes = 0, left = length - 1 - at;
    int status = frame_next(peer, stream + at, left, &header, &need_bytes);
    MUST(status == 1 || status == 0 || status == -EPROTO || status == -EMSGSIZE || status == -EPROTONOSUPPORT);
    if (status == 0) MUST(need_bytes > left && need_bytes <= sizeof header + FRAME_CALL_MAX_BYTES);
    if (status != 1) break;
    MUST(need_bytes == sizeof header + header.length_bytes && need_bytes <= left);
    if (header.kind == FRAME_CALL) check_call(stream + at + sizeof header, header.length_bytes);
    at += need_bytes;
  }
  free(stream);
  /* A call needs 300 bytes of head before anything is looked at, so it is also given alone. */
  check_call(bytes + 1, length - 1);
  return 0;
}
