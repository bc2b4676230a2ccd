#include "switchboard.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* A call gets an odd number here, an even one from JavaScript. */
#define ID_STEP 2
/* More is credited by JavaScript: a hook that says so much is not in the hurry of a plain one. */
#define OUTPUT_MAX_BYTES (CREDIT_WINDOW_BYTES / 4)

static const struct js_parts nothing = { .count = 0 };

/* ---- Life of a call ------------------------------------------------------------------------------------------------ */

static struct switched_call *open_call(struct switchboard *board, struct connection *connection, struct route *route,
                                       uint32_t call_bytes)
{
  struct switched_call *call = calloc(1, sizeof *call);
  if (call == NULL) return NULL;
  struct channel *channel = route->channel;
  *call = (struct switched_call){
    .board = board, .connection = connection, .channel = channel, .next = channel->switched, .route = route,
    .id = board->last_id += ID_STEP, .received_ns = now_ns(),
    .passed_bytes = sizeof(struct frame_header) + call_bytes, .call_bytes = call_bytes,
    .slot = channel->offers[0].slot, .generation = channel->offers[0].generation,
  };
  channel->offer_count--;
  memmove(channel->offers, channel->offers + 1, channel->offer_count * sizeof channel->offers[0]);
  channel->switched = call;
  connection->switched = call;
  board->object.holders++;
  route_hold(route);
  return call;
}

/* Takes the call out of both lists. What it held of others stays to be let go. */
static void unlink_call(struct switched_call *call)
{
  struct switched_call **link = &call->channel->switched;
  while (*link != call) link = &(*link)->next;
  *link = call->next;
  call->connection->switched = NULL;
}

static void free_call(struct switched_call *call)
{
  route_release(&call->board->routes, call->route);
  object_release(&call->board->object);
  free(call);
}

void switchboard_abandon(struct switched_call *call)
{
  unlink_call(call);
  free_call(call);
}

/* Its parked process has got no order: it is there for the next. */
static void give_slot_back(const struct switched_call *call)
{
  struct channel *channel = call->channel;
  channel->offers[channel->offer_count++] = (struct offer){ call->slot, call->generation };
}

static napi_value facts_of(napi_env env, const struct switched_call *call)
{
  napi_value facts;
  if (napi_create_object(env, &facts) != napi_ok) return NULL;
  js_set_number(env, facts, "callId", (double)call->id);
  js_set_number(env, facts, "ageMs", (double)(now_ns() - call->received_ns) / 1e6);
  js_set_number(env, facts, "slot", call->slot);
  js_set_number(env, facts, "generation", call->generation);
  js_set_number(env, facts, "ordinal", (double)call->ordinal);
  js_set_number(env, facts, "stdinTakenBytes", call->stdin_taken_bytes);
  js_set_number(env, facts, "stdinIsOver", call->is_stdin_over);
  js_set_number(env, facts, "outputBytes", call->output_bytes);
  js_set_number(env, facts, "queuedBytes", (double)buffer_length(&call->connection->out));
  return facts;
}

void switchboard_hand_over(struct switched_call *call)
{
  struct connection *connection = call->connection;
  struct switchboard *board = call->board;
  napi_env env = connection->object.module->env;
  napi_handle_scope scope;
  napi_value global, function, arguments[6] = { NULL };
  unlink_call(call);
  bool is_closed = false, is_told = board->on_taken_over != NULL && napi_open_handle_scope(env, &scope) == napi_ok;
  if (is_told) {
    const unsigned char *payload = buffer_bytes(&connection->in) + sizeof(struct frame_header);
    arguments[0] = connection_wrapper(connection);
    is_closed = arguments[0] == NULL;
    is_told = !is_closed &&
              napi_create_buffer_copy(env, call->call_bytes, payload, NULL, &arguments[1]) == napi_ok &&
              (arguments[2] = js_number(env, connection->received_fd)) != NULL &&
              napi_get_reference_value(env, call->route->token, &arguments[3]) == napi_ok &&
              (arguments[4] = facts_of(env, call)) != NULL &&
              (arguments[5] = switchboard_later_stdin(env, call)) != NULL && napi_get_global(env, &global) == napi_ok &&
              napi_get_reference_value(env, board->on_taken_over, &function) == napi_ok;
    if (is_told) {
      connection->received_fd = -1;
      connection->in.start += call->passed_bytes;
      js_call(env, global, function, 6, arguments);
      /* Nor of what lies there already. */
      if (connection->object.is_open && buffer_length(&connection->in) > 0)
        later_schedule(connection->object.module, &connection->later);
    }
    napi_close_handle_scope(env, scope);
  }
  /* Out of memory, or at our own end: the client says that we are gone. */
  if (!is_told && !is_closed) connection_close(connection);
  free_call(call);
}

/* ---- Start --------------------------------------------------------------------------------------------------------- */

struct identity_skips switchboard_skips(const struct switchboard *board)
{
  if (board == NULL) return (struct identity_skips){ 0 };
  return (struct identity_skips){ .label = board->self.security_label[0] == '\0',
                                  .cgroup = board->workers_path[0] == '\0' };
}

/* Only a peer that is like the daemon in all that the kernel tells of it. Any difference is judged, and put into words,
 * in JavaScript (intake/peer.ts). */
static bool is_like_us(const struct switchboard *board, const struct identity *peer)
{
  struct identity like;
  size_t length = strlen(board->workers_path);
  if (peer->errnum != 0) return false;
  if (length > 0 && strncmp(peer->cgroup_path, board->workers_path, length) == 0) return false;
  memcpy(&like, peer, sizeof like);
  like.pid = board->self.pid;
  memcpy(like.cgroup_path, board->self.cgroup_path, sizeof like.cgroup_path);
  return memcmp(&like, &board->self, sizeof like) == 0;
}

/* The route a CALL can go without JavaScript, now; NULL: none. */
static struct route *find_route(struct switchboard *board, const unsigned char *payload, uint32_t call_bytes,
                                struct call_head *head)
{
  memcpy(head, payload, sizeof *head);
  if (head->flags & (CALL_STDOUT_GONE | CALL_STDERR_GONE)) return NULL;
  struct route *route = route_find(&board->routes, payload, call_bytes);
  if (route == NULL || route->start_bytes + head->stdin_bytes > RECORD_PAYLOAD_MAX_BYTES) return NULL;
  struct channel *channel = route->channel;
  /* While JavaScript holds records back for want of room, nobody overtakes them. */
  if (channel->offer_count == 0 || channel->is_blocked || channel->is_dead || !channel_is_alive(channel)) return NULL;
  return route;
}

/* The folder first: its message wakes the keeper, which is up by the time the order is in the ring. */
static int send_start(struct switched_call *call, const unsigned char *stdin_bytes, uint32_t stdin_length)
{
  struct connection *connection = call->connection;
  const struct route *route = call->route;
  struct start_head head;
  memcpy(&head, route->start, sizeof head);
  head.stdin_bytes = stdin_length;
  head.stdin_complete = call->is_stdin_over;
  struct ring_record record = {
    .kind = RECORD_START, .call_id = call->id, .slot = call->slot, .generation = call->generation
  };
  const struct ring_part parts[] = {
    { &head, sizeof head },
    { route->start + sizeof head, route->start_bytes - sizeof head },
    { stdin_bytes, stdin_length },
  };
  int status = channel_send_fds(call->channel, call->id, &connection->received_fd, 1);
  if (status == 0) status = channel_write(call->channel, &record, parts, 3);
  if (status == 0) call->ordinal = call->channel->to_keeper.records;
  return status;
}

enum look switchboard_looks_at(struct connection *connection)
{
  struct switchboard *board = connection->object.module->switchboard;
  const unsigned char *payload;
  struct call_head head;
  uint32_t call_bytes;
  if (board == NULL || board->listener != connection->listener || !is_like_us(board, &connection->peer))
    return LOOK_NOT_OURS;
  int status = connection_first_call(connection, &payload, &call_bytes);
  if (status != 1) return status == 0 ? LOOK_WAIT : LOOK_NOT_OURS;
  struct route *route = connection->received_fd < 0 ? NULL : find_route(board, payload, call_bytes, &head);
  struct switched_call *call = route == NULL ? NULL : open_call(board, connection, route, call_bytes);
  if (call == NULL) return LOOK_NOT_OURS;
  call->is_explained = (head.flags & CALL_EXPLAIN) != 0;
  call->is_stdin_over = (head.flags & CALL_STDIN_COMPLETE) != 0;
  call->stdin_bytes = head.stdin_bytes;
  /* STARTED goes out before the order, as in dispatch.ts, which also says what becomes of a client that is gone. */
  if (connection_send(connection, FRAME_STARTED, call->id, &nothing, true) < 0) {
    give_slot_back(call);
    switchboard_abandon(call);
    return LOOK_NOT_OURS;
  }
  if (connection->is_waiting) listener_forget_waiting(connection);
  if (send_start(call, payload + call_bytes - head.stdin_bytes, head.stdin_bytes) < 0) {
    give_slot_back(call);
    switchboard_hand_over(call);
  } else {
    connection_watch(connection);
    switchboard_passes_frames(call); /* what came in one read with the CALL, of which no event tells */
  }
  return LOOK_TAKEN;
}

/* ---- Records ------------------------------------------------------------------------------------------------------- */

/* What the socket does not take at once is queued, and the flow is JavaScript's business from then on. */
static void pass_output(struct switched_call *call, uint16_t kind, const struct ring_record *record, const void *payload)
{
  struct js_parts parts = { .count = 1, .total_bytes = record->length_bytes };
  parts.parts[0] = (struct ring_part){ payload, record->length_bytes };
  int64_t queued_bytes = connection_send(call->connection, kind, call->id, &parts, false);
  call->output_bytes += record->length_bytes;
  if (queued_bytes != 0 || call->output_bytes >= OUTPUT_MAX_BYTES) switchboard_hand_over(call);
}

static struct ended take_ended(struct channel *channel)
{
  struct ended first = channel->ended[0];
  channel->ended_count--;
  memmove(channel->ended, channel->ended + 1, channel->ended_count * sizeof first);
  return first;
}

void switchboard_tell_ended(struct channel *channel)
{
  while (channel->ended_count > 0 && channel->events.receiver != NULL) {
    struct ended first = take_ended(channel); /* before the call, which may come back here */
    channel_tell_answered(channel, first.call->route->token, &first, first.call->received_ns);
    free_call(first.call);
  }
}

void switchboard_forget_ended(struct channel *channel)
{
  while (channel->ended_count > 0) free_call(take_ended(channel).call);
}

/* Takes over the call, which is in no list any more. */
static void remember_end(struct channel *channel, struct switched_call *call, const struct task_end *end)
{
  if (channel->ended_count == CHANNEL_ENDED_MAX) switchboard_tell_ended(channel);
  if (channel->ended_count == CHANNEL_ENDED_MAX) free_call(call); /* nobody listens to this channel any more */
  else channel->ended[channel->ended_count++] = (struct ended){ .call = call, .end = *end, .at_ns = now_ns() };
}

/* True: the client has been told. */
static bool end_plainly(struct switched_call *call, const struct ring_record *record, const void *payload)
{
  struct task_end end;
  struct call_end answer = { .outcome = OUTCOME_ANSWERED };
  if (call->is_explained || record->length_bytes != sizeof end) return false;
  memcpy(&end, payload, sizeof end);
  if (end.outcome != OUTCOME_ANSWERED || end.signal != 0) return false;
  answer.exit_code = end.exit_code;
  struct js_parts parts = { .count = 1, .total_bytes = sizeof answer };
  parts.parts[0] = (struct ring_part){ &answer, sizeof answer };
  struct connection *connection = call->connection;
  struct channel *channel = call->channel;
  if (connection_send(connection, FRAME_END, call->id, &parts, true) < 0) return false;
  unlink_call(call);
  call->connection = NULL;
  connection_close(connection);
  remember_end(channel, call, &end);
  return true;
}

bool switchboard_passes(struct channel *channel, const struct ring_record *record, const void *payload)
{
  struct switched_call *call = channel->switched;
  while (call != NULL && call->id != record->call_id) call = call->next;
  if (call == NULL) return false;
  uint32_t bytes;
  switch (record->flags & RECORD_MORE ? 0 : record->kind) {
    case RECORD_STDOUT: pass_output(call, FRAME_STDOUT, record, payload); return true;
    case RECORD_STDERR: pass_output(call, FRAME_STDERR, record, payload); return true;
    case RECORD_STDIN_CREDIT:
      if (record->length_bytes != sizeof bytes) break;
      memcpy(&bytes, payload, sizeof bytes);
      /* More than was sent would open the client's window without a bound; of none there could be any number. */
      if (bytes == 0 || bytes > call->stdin_bytes - call->stdin_taken_bytes) channel_distrust(channel);
      else call->stdin_taken_bytes += bytes;
      return true;
    case RECORD_END:
      if (end_plainly(call, record, payload)) return true;
      break;
    default: break;
  }
  switchboard_hand_over(call);
  return false;
}

void switchboard_settle(struct channel *channel)
{
  switchboard_tell_ended(channel);
  while (channel->switched != NULL) switchboard_hand_over(channel->switched);
}

void switchboard_leave_channel(struct channel *channel)
{
  struct switchboard *board = channel->object.module->switchboard;
  switchboard_settle(channel);
  if (board != NULL) route_forget(&board->routes, channel);
}
