/* A call from its first byte to its end. */
#ifndef HOOK_SUPERVISOR_CLIENT_SESSION_H
#define HOOK_SUPERVISOR_CLIENT_SESSION_H

#include "abandoned.h"
#include "call.h"
#include "incoming.h"
#include "outgoing.h"
#include "output.h"
#include "signals.h"
#include "text.h"

enum session_result {
  SESSION_OPEN,        /* not decided yet */
  SESSION_ENDED,       /* session->end, message and explain are filled */
  SESSION_REFUSED,     /* the hook was not started and will not be; `why` says the reason */
  SESSION_MUST_BLOCK,  /* as refused, and a direct run would have more rights than the user's configuration allows */
  SESSION_LOST,        /* the hook was started, its end is not known; `why` says what happened */
  SESSION_KILLED,      /* a second signal: signals->received */
};

struct session {
  enum session_result result;
  int is_started;
  int has_output; /* some of the hook's has come */
  int blocked_fd; /* the output that has to become writable before the next frame is handled, or -1 */
  size_t forwarded_bytes; /* of the output frame that comes first in `incoming` */
  struct incoming incoming;
  struct outgoing outgoing;
  struct output out, err;
  int is_merged; /* fds 1 and 2 are one open file, and all comes by `out` */
  struct signals *signals;
  struct abandoned abandoned;
  struct line *why;
  struct call_end end;
  const unsigned char *message; /* end.message_bytes */
  const unsigned char *explain; /* end.explain_bytes */
};

/* Sends the call, forwards streams and signals until it is over, and closes socket_fd and call->cwd_fd. If it is refused, the
 * standard input of `call` is all that was read of it. accept_timeout_ms
 * counts from start_ms; 0: none. */
void session_run(struct session *session, int socket_fd, struct call *call, struct signals *signals,
                 uint32_t accept_timeout_ms, int64_t start_ms, struct line *why);
/* Before words of our own on standard error: ends the line in which the hook may have stopped there. */
void session_end_line(const struct session *session);

#endif
