/* What becomes of a fresh connection: the switchboard's, or JavaScript's. */
#include <unistd.h>

#include "connection.h"
#include "switchboard.h"

/* Hands a connection to JavaScript and reads at once: its first frame is usually there already. */
static void introduce(struct listener *listener, struct connection *connection)
{
  napi_env env = listener->object.module->env;
  napi_handle_scope scope;
  napi_value global, on_connection;
  if (napi_open_handle_scope(env, &scope) != napi_ok) {
    connection_close(connection);
    return;
  }
  napi_value wrapper = connection_wrapper(connection);
  if (wrapper != NULL && napi_get_global(env, &global) == napi_ok &&
      napi_get_reference_value(env, listener->on_connection, &on_connection) == napi_ok) {
    js_call(env, global, on_connection, 1, &wrapper);
    if (connection_is_reading(connection)) connection_read(connection);
  }
  napi_close_handle_scope(env, scope);
}

/* ---- The waiting room: a client connects first and sends its CALL a moment later ----------------------------------- */

#define WAIT_MAX_MS 100 /* then JavaScript, which has a limit for silence, is told of the connection */

void listener_forget_waiting(struct connection *connection)
{
  struct connection **link = &connection->listener->waiting;
  while (*link != connection) link = &(*link)->next_waiting;
  *link = connection->next_waiting;
  connection->is_waiting = false;
}

void listener_introduce_waiting(struct listener *listener)
{
  while (listener->waiting != NULL) {
    struct connection *connection = listener->waiting;
    listener_forget_waiting(connection);
    introduce(listener, connection);
  }
}

static void on_wait_over(uv_handle_t *timer)
{
  listener_introduce_waiting(uv_handle_get_data(timer));
}

static void wait_for_call(struct listener *listener, struct connection *connection)
{
  if (listener->waiting == NULL) uv_timer_start(listener->timer, on_wait_over, WAIT_MAX_MS, 0);
  connection->is_waiting = true;
  connection->next_waiting = listener->waiting;
  listener->waiting = connection;
  connection_watch(connection);
}

/* The first look at a connection, or a later one. */
static void look_at(struct listener *listener, struct connection *connection)
{
  switch (switchboard_looks_at(connection)) {
    case LOOK_TAKEN: break;
    case LOOK_WAIT:
      if (!connection->is_waiting) wait_for_call(listener, connection);
      break;
    case LOOK_NOT_OURS:
      if (connection->is_waiting) listener_forget_waiting(connection);
      introduce(listener, connection);
  }
}

void listener_look_again(struct connection *connection)
{
  look_at(connection->listener, connection);
}

void listener_receive(struct listener *listener, int fd)
{
  struct connection *connection = connection_open(listener, fd);
  if (connection == NULL) return;
  identity_of_peer(fd, switchboard_skips(connection->object.module->switchboard), &connection->peer);
  look_at(listener, connection);
}
