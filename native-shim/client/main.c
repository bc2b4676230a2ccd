/* supervisor-hook: has a hook run by the supervisor and becomes its answer; runs it itself if there is no supervisor.
 * It starts once for every hook, so it is one small segment of code, without libc and without writable data. */
#include "autostart.h"
#include "call.h"
#include "direct.h"
#include "explain.h"
#include "find.h"
#include "options.h"
#include "replay.h"
#include "session.h"
#include "signals.h"
#include "sys.h"
#include "text.h"

#define EXIT_FAILURE 1
#define EXIT_BLOCK 2 /* what agents take as a denial */

struct client {
  struct options options;
  char *const *env;
  struct signals signals;
  int explain_fd; /* -1: none */
  struct line why;
};

/* Descriptors that we open must not become the hook's fds 0, 1 or 2. An O_PATH descriptor answers EBADF to reads and
 * writes, just as a closed one, and is closed again by exec. */
static void occupy_standard_fds(void)
{
  for (int fd = 0; fd <= 2; fd++)
    if (sys_fcntl(fd, F_GETFD, 0) < 0) sys_open("/", O_PATH | O_CLOEXEC, 0);
}

_Noreturn static void block(struct client *client, const char *remedy)
{
  struct line line;
  explain_from_client(client->explain_fd, NULL, "refused", client->why.bytes);
  line_start(&line);
  line_add(&line, client->options.is_event ? "blocked, the event was not answered: " : "blocked, the hook did not run: ");
  line_add(&line, client->why.bytes);
  line_add(&line, remedy);
  complain(line.bytes);
  sys_exit(EXIT_BLOCK);
}

_Noreturn static void block_unserved(struct client *client)
{
  const char *level = level_above_contained(&client->options);
  if (client->options.is_event) block(client, "; check the supervisor, or choose --on-unavailable=allow");
  if (level == NULL) block(client, "; check the supervisor, or choose --on-unavailable=run");
  struct line remedy;
  line_start(&remedy);
  line_add(&remedy, "; --level ");
  line_add(&remedy, level);
  line_add(&remedy, " needs it: start it with `supervisor up -d`");
  block(client, remedy.bytes);
}

_Noreturn static void run_directly(struct client *client, const struct call *call)
{
  if (call != NULL && replay_stdin(call, &client->signals) < 0) {
    explain_from_client(client->explain_fd, NULL, "refused", "standard input cannot be given back");
    complain("standard input cannot be given back, the hook did not run");
    sys_exit(EXIT_BLOCK);
  }
  explain_from_client(client->explain_fd, "direct", "answered", client->why.bytes);
  signals_restore(&client->signals);
  sys_exit(exec_hook(client->options.argv, client->env));
}

/* No supervisor takes the call. `call` is NULL if nothing has been read of standard input. */
_Noreturn static void fall_back(struct client *client, const struct call *call)
{
  signals_release(&client->signals);
  switch (client->options.on_unavailable) {
    case UNAVAILABLE_RUN: run_directly(client, call);
    case UNAVAILABLE_BLOCK: block_unserved(client);
    case UNAVAILABLE_DEFAULT: /* settled by parse_options */
    case UNAVAILABLE_ALLOW: break;
  }
  explain_from_client(client->explain_fd, NULL, "refused", client->why.bytes);
  sys_exit(0);
}

_Noreturn static void become(struct client *client, const struct session *session)
{
  const struct call_end *end = &session->end;
  signals_release(&client->signals);
  explain_from_daemon(client->explain_fd, session->explain, end->explain_bytes);
  if (end->message_bytes > 0) session_end_line(session);
  write_all(2, session->message, end->message_bytes);
  if (end->outcome == OUTCOME_CANCELLED && client->signals.received != 0) die_of_signal(client->signals.received);
  if (end->signal != 0) die_of_signal((int)end->signal);
  sys_exit((int)end->exit_code);
}

_Noreturn static void die_cancelled(struct client *client)
{
  signals_release(&client->signals);
  explain_from_client(client->explain_fd, NULL, "cancelled", "a signal ended the client");
  die_of_signal(client->signals.received);
}

_Noreturn static void fail_lost(struct client *client, const struct session *session)
{
  signals_release(&client->signals);
  explain_from_client(client->explain_fd, NULL, "crashed", client->why.bytes);
  session_end_line(session);
  complain(client->why.bytes);
  sys_exit(client->options.on_unavailable == UNAVAILABLE_BLOCK ? EXIT_BLOCK : EXIT_FAILURE);
}

_Noreturn static void conclude(struct client *client, const struct session *session, const struct call *call)
{
  if (session->result == SESSION_ENDED) become(client, session);
  if (client->signals.received != 0) die_cancelled(client);
  if (session->result == SESSION_LOST) fail_lost(client, session);
  /* A direct run would have more rights than the user's configuration gives this hook. */
  if (session->result == SESSION_MUST_BLOCK && client->options.on_unavailable != UNAVAILABLE_ALLOW) {
    signals_release(&client->signals);
    block(client, "");
  }
  fall_back(client, call);
}

static void open_explain(struct client *client)
{
  client->explain_fd = -1;
  if (client->options.explain_path == NULL) return;
  client->explain_fd = explain_open(client->options.explain_path);
  if (client->explain_fd >= 0) return;
  line_start(&client->why);
  line_add(&client->why, "the file of --explain cannot be opened: ");
  line_add(&client->why, client->options.explain_path);
  complain(client->why.bytes);
  sys_exit(EXIT_USAGE);
}

_Noreturn __attribute__((used)) void client_start(long *stack)
{
  struct client client;
  int argc = (int)stack[0];
  char **argv = (char **)(stack + 1);
  client.env = argv + argc + 1;
  signals_enter(&client.signals);
  occupy_standard_fds();

  switch (parse_options(argc, argv, &client.options)) {
    case PARSE_OK: break;
    case PARSE_DONE: sys_exit(0);
    case PARSE_WRONG: sys_exit(EXIT_USAGE);
  }
  open_explain(&client);

  int64_t start_ms = client.options.accept_timeout_ms != 0 ? sys_now_ms() : 0;
  int socket_fd = find_daemon(&client.options, client.env, &client.why);
  if (socket_fd == -ENOENT && client.options.is_autostart) autostart(&client.options, client.env, &client.why);
  if (socket_fd < 0) fall_back(&client, NULL);

  struct call call;
  if (make_call(&client.options, client.env, &call, &client.why) < 0) {
    sys_close(socket_fd);
    fall_back(&client, &call);
  }
  struct session session;
  signals_take(&client.signals, call.ignored_signals);
  session_run(&session, socket_fd, &call, &client.signals, client.options.accept_timeout_ms, start_ms, &client.why);
  conclude(&client, &session, &call);
}

SYS_START;
