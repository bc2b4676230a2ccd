#include "session.h"

#include <asm/ioctls.h>
#include <linux/sockios.h>

#include "frame.h"
#include "memory.h"
#include "sys.h"

#define CANCEL_PATIENCE_MS 2000

static void decide(struct session *session, enum session_result result, const char *text)
{
  session->result = result;
  line_start(session->why);
  line_add(session->why, text);
}

/* The daemon is gone, or what it sends makes no sense. Before STARTED nothing ran and nothing will: the daemon does not start
 * a call whose STARTED it could not send. After it, the hook may have done anything, so it is never run again. */
static void decide_failure(struct session *session, const char *what)
{
  decide(session, session->is_started ? SESSION_LOST : SESSION_REFUSED, "the supervisor ");
  line_add(session->why, what);
  line_add(session->why, session->is_started ? " while this hook ran" : " before this hook began");
}

static void take_refusal(struct session *session, const unsigned char *payload, size_t length)
{
  uint32_t refusal;
  if (length < sizeof refusal) {
    decide_failure(session, "broke the protocol");
    return;
  }
  memcpy(&refusal, payload, sizeof refusal);
  enum session_result result = refusal == REFUSAL_LEVEL_UNAVAILABLE ? SESSION_MUST_BLOCK : SESSION_REFUSED;
  decide(session, result, "the supervisor refused: ");
  line_add_bytes(session->why, (const char *)payload + sizeof refusal, length - sizeof refusal);
}

/* The daemon has never begun what its STARTED announced: the worker that was to do it died, and no other came. A direct run is
 * the first then. */
static void take_late_refusal(struct session *session, const unsigned char *payload, size_t length)
{
  if (session->has_output) {
    decide_failure(session, "broke the protocol");
    return;
  }
  take_refusal(session, payload, length);
}

/* A hook cannot end by a signal that only stops or is ignored; becoming that would leave us hanging. */
static int is_deadly(uint32_t signal)
{
  const uint64_t harmless = SYS_SIGNAL_BIT(SIGSTOP) | SYS_SIGNAL_BIT(SIGTSTP) | SYS_SIGNAL_BIT(SIGTTIN) |
                            SYS_SIGNAL_BIT(SIGTTOU) | SYS_SIGNAL_BIT(SIGCONT) | SYS_SIGNAL_BIT(SIGCHLD) |
                            SYS_SIGNAL_BIT(SIGURG) | SYS_SIGNAL_BIT(SIGWINCH);
  return signal >= 1 && signal <= SYS_SIGNAL_MAX && (harmless & SYS_SIGNAL_BIT(signal)) == 0;
}

static void take_end(struct session *session, const unsigned char *payload, size_t length)
{
  struct call_end *end = &session->end;
  if (length >= sizeof *end) {
    memcpy(end, payload, sizeof *end);
    uint64_t total_bytes = sizeof *end + (uint64_t)end->message_bytes + end->explain_bytes;
    if (total_bytes == length && end->outcome <= OUTCOME_CANCELLED && (end->signal == 0 || is_deadly(end->signal))) {
      session->message = payload + sizeof *end;
      session->explain = session->message + end->message_bytes;
      session->result = SESSION_ENDED;
      return;
    }
  }
  decide_failure(session, "broke the protocol");
}

/* In a direct run the hook itself would meet this at its next write; the keeper closes its pipe for it. */
static void reader_gone(struct session *session, struct output *output)
{
  output->is_stopped = 1;
  outgoing_reader_gone(&session->outgoing, output->stream);
}

/* 1 when the whole payload has been forwarded or dropped; 0 when the reader must be waited for. */
static int forward(struct session *session, struct output *output, const unsigned char *payload, size_t length)
{
  while (!output->is_stopped && session->forwarded_bytes < length) {
    long taken = output_write(output, payload + session->forwarded_bytes, length - session->forwarded_bytes);
    if (taken == -EINTR) continue;
    if (taken == -EAGAIN) {
      session->blocked_fd = output->fd;
      return 0;
    }
    if (taken < 0) {
      reader_gone(session, output);
      break;
    }
    session->forwarded_bytes += (size_t)taken;
    output->is_line_open = payload[session->forwarded_bytes - 1] != '\n';
  }
  session->forwarded_bytes = 0;
  return 1;
}

static int take_frame(struct session *session, const struct frame_header *header, const unsigned char *payload)
{
  size_t length = header->length_bytes;
  if (!session->is_started) {
    if (header->kind == FRAME_STARTED && length == 0) session->is_started = 1;
    else if (header->kind == FRAME_REFUSED) take_refusal(session, payload, length);
    else decide_failure(session, "broke the protocol");
    return 1;
  }
  switch (header->kind) {
    case FRAME_STDOUT:
    case FRAME_STDERR:
      session->has_output = 1;
      return forward(session, header->kind == FRAME_STDOUT ? &session->out : &session->err, payload, length);
    case FRAME_REFUSED: take_late_refusal(session, payload, length); return 1;
    case FRAME_END: take_end(session, payload, length); return 1;
    default: decide_failure(session, "broke the protocol"); return 1;
  }
}

static void take_frames(struct session *session)
{
  struct frame_header header;
  const unsigned char *payload;
  session->blocked_fd = -1;
  while (session->result == SESSION_OPEN) {
    int found = incoming_frame(&session->incoming, &header, &payload);
    if (found < 0) decide_failure(session, "broke the protocol");
    else if (found > 0) {
      if (!take_frame(session, &header, payload)) return;
      incoming_drop(&session->incoming, &header);
    } else if (session->incoming.is_ended) decide_failure(session, "died");
    else return;
  }
}

static void receive(struct session *session)
{
  incoming_receive(&session->incoming);
  take_frames(session);
}

static void send_out(struct session *session)
{
  outgoing_send(&session->outgoing);
  if (!session->outgoing.is_broken || session->outgoing.is_call_sent) return;
  if (session->outgoing.is_crowded_out) {
    /* Else any hook could have the others run without their sandboxes: the daemon is there, and would know of them. */
    decide(session, SESSION_MUST_BLOCK, "too many descriptors of this user are on their way from process to process");
    return;
  }
  /* The daemon has only a part of the call and can do nothing with it; but it may have said why. */
  receive(session);
  session->incoming.is_ended = 1;
  take_frames(session);
}

/* Giving up without a chance that the hook runs twice: once the receiving side is shut, the daemon's STARTED fails and it
 * does not start. Had it been sent before, it is in our queue now; but then the answer has no way to us any more. */
static void give_up(struct session *session)
{
  receive(session);
  if (session->is_started || session->result != SESSION_OPEN) return;
  SYS6(SYS_shutdown, session->incoming.socket_fd, SHUT_RD, 0, 0, 0, 0);
  while (session->result == SESSION_OPEN && session->blocked_fd < 0) receive(session);
  if (session->result == SESSION_ENDED) return;
  if (session->is_started) decide(session, SESSION_LOST, "the supervisor began this hook as the accept timeout ended");
  else if (session->result != SESSION_MUST_BLOCK)
    decide(session, SESSION_REFUSED, "the supervisor did not begin this hook within the accept timeout");
}

static void take_signal(struct session *session)
{
  int signal = signals_read(session->signals);
  if (signal == 0) return;
  if (sys_now_ms() - session->signals->first_ms >= CANCEL_PATIENCE_MS) session->result = SESSION_KILLED;
  else outgoing_cancel(&session->outgoing, signal);
}

/* Left alone before STARTED: what is read after the call was sent could not be given to a direct run. And after a signal:
 * more of it would only stand in the cancellation's way. */
static int wants_stdin(const struct session *session)
{
  return session->is_started && session->signals->received == 0 && outgoing_wants_stdin(&session->outgoing);
}

static int is_read_by_daemon(const struct session *session)
{
  int unread_bytes = 0;
  SYS6(SYS_ioctl, session->incoming.socket_fd, SIOCOUTQ, &unread_bytes, 0, 0, 0);
  return unread_bytes == 0 && !outgoing_is_pending(&session->outgoing);
}

/* A daemon that has stopped reading us, since the hook does not take its input, never sees a CANCEL: it sees that we are
 * gone, and cancels for that. */
static int64_t cancel_left_ms(const struct session *session)
{
  if (session->signals->received == 0 || is_read_by_daemon(session)) return -1;
  int64_t left_ms = session->signals->first_ms + CANCEL_PATIENCE_MS - sys_now_ms();
  return left_ms > 0 ? left_ms : 0;
}

/* Waits until something can be done and does it. */
static void step(struct session *session, int64_t timeout_ms)
{
  enum { SOCKET, SIGNAL, INPUT, OUTPUT, STDOUT_READER, STDERR_READER, COUNT };
  struct outgoing *outgoing = &session->outgoing;
  short socket_events = (short)((session->blocked_fd < 0 ? POLLIN : 0) | (outgoing_is_pending(outgoing) ? POLLOUT : 0));
  /* An fd below zero is skipped; one without events would still report a hang-up, without end. */
  struct pollfd fds[COUNT] = {
    [SOCKET] = { .fd = socket_events != 0 ? session->incoming.socket_fd : -1, .events = socket_events },
    [SIGNAL] = { .fd = session->signals->fd, .events = POLLIN },
    [INPUT] = { .fd = wants_stdin(session) ? 0 : -1, .events = POLLIN },
    [OUTPUT] = { .fd = session->blocked_fd, .events = POLLOUT },
    [STDOUT_READER] = { .fd = output_watched_fd(&session->out) },
    [STDERR_READER] = { .fd = output_watched_fd(&session->err) },
  };
  if (sys_poll(fds, COUNT, timeout_ms) <= 0) return;
  if (fds[SIGNAL].revents != 0) take_signal(session);
  /* Before standard input goes on: a hook that waits for its end must find the closed pipe when it has it. */
  if (fds[STDOUT_READER].revents != 0) reader_gone(session, &session->out);
  if (fds[STDERR_READER].revents != 0) reader_gone(session, &session->err);
  if (fds[INPUT].revents != 0 && outgoing->readers_gone == 0) outgoing_read_stdin(outgoing);
  if (fds[OUTPUT].revents != 0) take_frames(session);
  if (session->result == SESSION_OPEN && (fds[SOCKET].revents & ~POLLOUT) != 0 && session->blocked_fd < 0) receive(session);
  if (session->result == SESSION_OPEN && outgoing_is_pending(outgoing)) send_out(session);
}

/* An agent that is killed can cancel nothing. Its hook is hung up on then, after a while: until when we have to look. */
static int64_t hang_up_left_ms(struct session *session)
{
  if (session->signals->received != 0) return -1;
  int64_t left_ms = abandoned_left_ms(&session->abandoned, session->out.is_stopped);
  if (left_ms != 0) return left_ms;
  signals_assume(session->signals, SIGHUP);
  outgoing_cancel(&session->outgoing, SIGHUP);
  return -1;
}

/* Of two times to wait, of which -1 has no end. */
static int64_t sooner_ms(int64_t one_ms, int64_t other_ms)
{
  if (one_ms < 0 || other_ms < 0) return one_ms < 0 ? other_ms : one_ms;
  return one_ms < other_ms ? one_ms : other_ms;
}

static void run_to_the_end(struct session *session, uint32_t accept_timeout_ms, int64_t start_ms)
{
  send_out(session);
  while (session->result == SESSION_OPEN) {
    int64_t left_ms = -1;
    if (accept_timeout_ms != 0 && !session->is_started) {
      left_ms = start_ms + accept_timeout_ms - sys_now_ms();
      if (left_ms <= 0) {
        give_up(session);
        continue;
      }
    }
    left_ms = sooner_ms(left_ms, hang_up_left_ms(session));
    int64_t cancel_ms = cancel_left_ms(session);
    if (cancel_ms == 0) session->result = SESSION_KILLED;
    else step(session, sooner_ms(left_ms, cancel_ms));
  }
}

void session_run(struct session *session, int socket_fd, struct call *call, struct signals *signals,
                 uint32_t accept_timeout_ms, int64_t start_ms, struct line *why)
{
  unsigned char *room = sys_map(INCOMING_BYTES + OUTGOING_ROOM_BYTES);
  *session = (struct session){
    .blocked_fd = -1,
    .incoming = { .socket_fd = socket_fd, .bytes = room },
    .out = { .fd = 1, .stream = STREAM_STDOUT, .is_stopped = (call->flags & CALL_STDOUT_GONE) != 0 },
    .is_merged = (call->flags & CALL_MERGED_OUTPUT) != 0,
    .err = { .fd = 2, .stream = STREAM_STDERR, .is_stopped = (call->flags & CALL_STDERR_GONE) != 0 },
    .signals = signals,
    .why = why,
  };
  if (room == NULL) decide(session, SESSION_REFUSED, "out of memory");
  else {
    abandoned_start(&session->abandoned, call->ignored_signals);
    outgoing_start(&session->outgoing, socket_fd, call, room + INCOMING_BYTES);
    run_to_the_end(session, accept_timeout_ms, start_ms);
    if (session->result == SESSION_REFUSED && outgoing_give_back(&session->outgoing, call) < 0) session->result = SESSION_LOST;
  }
  sys_close(socket_fd);
  sys_close(call->cwd_fd);
  if (signals->fd >= 0) sys_close(signals->fd);
}

void session_end_line(const struct session *session)
{
  const struct output *last = session->is_merged ? &session->out : &session->err;
  if (last->is_line_open) write_all(2, "\n", 1);
}
