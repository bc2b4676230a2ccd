#include "incoming.h"

#include "frame.h"
#include "memory.h"
#include "sys.h"

int incoming_frame(const struct incoming *incoming, struct frame_header *header, const unsigned char **payload)
{
  size_t need_bytes;
  const unsigned char *at = incoming->bytes + incoming->start;
  int found = frame_next(FRAME_FROM_DAEMON, at, incoming->end - incoming->start, header, &need_bytes);
  *payload = at + sizeof *header;
  /* A control frame may be longer than any that belongs here: waiting for it would never end. */
  if (found == 0 && need_bytes > INCOMING_BYTES) return -EMSGSIZE;
  return found;
}

void incoming_drop(struct incoming *incoming, const struct frame_header *header)
{
  incoming->start += sizeof *header + header->length_bytes;
}

void incoming_receive(struct incoming *incoming)
{
  if (incoming->start > 0) {
    memmove(incoming->bytes, incoming->bytes + incoming->start, incoming->end - incoming->start);
    incoming->end -= incoming->start;
    incoming->start = 0;
  }
  size_t room = INCOMING_BYTES - incoming->end;
  if (room == 0) return;
  long length = SYS6(SYS_recvfrom, incoming->socket_fd, incoming->bytes + incoming->end, room, MSG_DONTWAIT, NULL, NULL);
  if (length == -EAGAIN || length == -EINTR) return;
  if (length <= 0) incoming->is_ended = 1;
  else incoming->end += (size_t)length;
}
