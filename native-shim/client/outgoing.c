#include "outgoing.h"

#include "frame.h"
#include "memory.h"
#include "sys.h"

#define HEADER_BYTES sizeof(struct frame_header)

void outgoing_start(struct outgoing *outgoing, int socket_fd, const struct call *call, unsigned char *room)
{
  *outgoing = (struct outgoing){
    .socket_fd = socket_fd,
    .at = call->frame,
    .left_bytes = call->frame_bytes,
    .cwd_fd = call->cwd_fd,
    .is_stdin_over = call->is_stdin_complete,
    .room = room,
  };
}

void outgoing_cancel(struct outgoing *outgoing, int signal)
{
  outgoing->cancels |= SYS_SIGNAL_BIT(signal);
}

void outgoing_reader_gone(struct outgoing *outgoing, uint32_t stream)
{
  outgoing->readers_gone |= stream;
}

int outgoing_is_pending(const struct outgoing *outgoing)
{
  return !outgoing->is_broken && (outgoing->left_bytes > 0 || outgoing->cancels != 0 || outgoing->readers_gone != 0);
}

static void put_note(struct outgoing *outgoing, uint16_t kind, uint32_t value)
{
  frame_put_header(outgoing->note, kind, 0, sizeof value);
  memcpy(outgoing->note + HEADER_BYTES, &value, sizeof value);
  outgoing->at = outgoing->note;
  outgoing->left_bytes = HEADER_BYTES + sizeof value;
}

static void take_note(struct outgoing *outgoing)
{
  if (outgoing->readers_gone != 0) {
    uint32_t lowest = outgoing->readers_gone & -outgoing->readers_gone;
    outgoing->readers_gone ^= lowest;
    put_note(outgoing, FRAME_READER_GONE, lowest);
    return;
  }
  uint32_t signal = (uint32_t)__builtin_ctzll(outgoing->cancels) + 1;
  outgoing->cancels &= outgoing->cancels - 1;
  put_note(outgoing, FRAME_CANCEL, signal);
}

static long send_some(const struct outgoing *outgoing)
{
  struct { size_t length; int level, type, fd; } rights = {
    .length = CMSG_LEN(sizeof(int)), .level = SOL_SOCKET, .type = SCM_RIGHTS, .fd = outgoing->cwd_fd
  };
  struct iovec part = { .iov_base = (void *)outgoing->at, .iov_len = outgoing->left_bytes };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
  if (outgoing->cwd_fd >= 0) {
    message.msg_control = &rights;
    message.msg_controllen = sizeof rights;
  }
  return SYS6(SYS_sendmsg, outgoing->socket_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0, 0);
}

/* Of all that a user has sent and nobody received the kernel refuses what goes beyond the limit of whoever sends: a hook in a
 * sandbox can reach the usual soft one by sending to itself. The hard one it can reach where that is low. */
static long send_up_to_hard_limit(const struct outgoing *outgoing)
{
  struct { uint64_t soft, hard; } own, raised;
  if (SYS6(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &own, 0, 0) < 0) return -ETOOMANYREFS;
  raised = own;
  raised.soft = own.hard;
  SYS6(SYS_prlimit64, 0, RLIMIT_NOFILE, &raised, NULL, 0, 0);
  long sent = send_some(outgoing);
  SYS6(SYS_prlimit64, 0, RLIMIT_NOFILE, &own, NULL, 0, 0);
  return sent;
}

void outgoing_send(struct outgoing *outgoing)
{
  while (outgoing_is_pending(outgoing)) {
    if (outgoing->left_bytes == 0) take_note(outgoing);
    long sent = send_some(outgoing);
    if (sent == -ETOOMANYREFS) sent = send_up_to_hard_limit(outgoing);
    if (sent == -EAGAIN) return;
    if (sent == -EINTR) continue;
    if (sent < 0) {
      outgoing->is_broken = 1;
      outgoing->is_crowded_out = sent == -ETOOMANYREFS;
      return;
    }
    outgoing->cwd_fd = -1;
    outgoing->at += sent;
    outgoing->left_bytes -= (size_t)sent;
    if (outgoing->left_bytes == 0) outgoing->is_call_sent = 1;
  }
}

int outgoing_wants_stdin(const struct outgoing *outgoing)
{
  return !outgoing->is_stdin_over && !outgoing->is_broken && !outgoing_is_pending(outgoing);
}

void outgoing_read_stdin(struct outgoing *outgoing)
{
  if (outgoing->kept_bytes + OUTGOING_CHUNK_BYTES > OUTGOING_ROOM_BYTES) {
    outgoing->has_dropped_stdin = 1;
    outgoing->kept_bytes = 0;
  }
  unsigned char *chunk = outgoing->room + outgoing->kept_bytes;
  long length = sys_read(0, chunk + HEADER_BYTES, FRAME_DATA_MAX_BYTES);
  if (length == -EAGAIN || length == -EINTR) return;
  if (length < 0) length = 0; /* fd 0 has nothing more to give: the end, as in gather_stdin */
  outgoing->is_stdin_over = length == 0;
  frame_put_header(chunk, length > 0 ? FRAME_STDIN : FRAME_STDIN_END, 0, (uint32_t)length);
  outgoing->at = chunk;
  outgoing->left_bytes = HEADER_BYTES + (size_t)length;
  if (length > 0) outgoing->kept_bytes += outgoing->left_bytes;
}

int outgoing_give_back(const struct outgoing *outgoing, struct call *call)
{
  if (outgoing->has_dropped_stdin) return -ENOBUFS;
  call->is_stdin_complete |= outgoing->is_stdin_over;
  if (outgoing->kept_bytes == 0) return 0;
  unsigned char *whole = sys_map(call->stdin_length + outgoing->kept_bytes);
  if (whole == NULL) return -ENOMEM;
  memcpy(whole, call->stdin_bytes, call->stdin_length);
  struct frame_header header;
  for (size_t at = 0; at < outgoing->kept_bytes; at += HEADER_BYTES + header.length_bytes) {
    memcpy(&header, outgoing->room + at, HEADER_BYTES);
    memcpy(whole + call->stdin_length, outgoing->room + at + HEADER_BYTES, header.length_bytes);
    call->stdin_length += header.length_bytes;
  }
  call->stdin_bytes = whole;
  return 0;
}
