#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "switchboard.h"

/* Bounds of one turn of the loop, with one ring full of bytes, so that one keeper does not starve the others. */
#define RECORDS_PER_WAKE_MAX 512
#define MESSAGES_PER_WAKE_MAX 64
/* An honest keeper rings at most once for each record that we then read and for each write of ours that found no room; a few
 * more may be on their way. One that rings without a reason would have us look, and find nothing, for ever. */
#define DOORBELLS_AHEAD_MAX 64

void channel_doorbell(struct channel *channel)
{
  struct channel_message doorbell = { .call_id = 0 };
  channel->wakeups_sent++;
  /* EAGAIN: unread doorbells fill its socket, so it wakes anyway. EPIPE: the poll handle tells of its death. */
  (void)!send(channel->socket_fd, &doorbell, sizeof doorbell, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Told in the next turn: the caller may be JavaScript. */
void channel_distrust(struct channel *channel)
{
  channel->failure = EPROTO;
  later_schedule(channel->object.module, &channel->later);
}

void channel_fail(struct channel *channel, int errnum)
{
  struct module *module = channel->object.module;
  channel->offer_count = 0;
  switchboard_leave_channel(channel);
  if (channel->socket_fd < 0) return; /* JavaScript has closed it meanwhile */
  struct sink events = channel->events;
  channel->events = (struct sink){ 0 };
  poll_close(&channel->poll);
  later_cancel(module, &channel->later);
  close(channel->socket_fd);
  channel->socket_fd = -1;
  sink_call_closed(module->env, &events, ON_CHANNEL_CLOSED, errnum);
  sink_clear(module->env, &events);
}

/* The scratch Buffer and its memory. Asked for before each record: JavaScript can detach a Buffer it was lent, and then
 * there is a new one. */
static napi_value scratch_buffer(struct channel *channel, void **memory)
{
  napi_env env = channel->object.module->env;
  napi_value buffer;
  size_t length = 0;
  if (channel->scratch != NULL) {
    if (napi_get_reference_value(env, channel->scratch, &buffer) == napi_ok && buffer != NULL &&
        napi_get_buffer_info(env, buffer, memory, &length) == napi_ok && length == RECORD_PAYLOAD_MAX_BYTES)
      return buffer;
    napi_delete_reference(env, channel->scratch);
    channel->scratch = NULL;
  }
  if (napi_create_buffer(env, RECORD_PAYLOAD_MAX_BYTES, memory, &buffer) != napi_ok) return NULL;
  return napi_create_reference(env, buffer, 1, &channel->scratch) == napi_ok ? buffer : NULL;
}

/* buffer.subarray(0, length): Node-API up to 9 cannot make a Buffer over a part of another. */
static napi_value first_bytes(napi_env env, napi_value buffer, uint32_t length)
{
  napi_value subarray, part;
  napi_value range[2] = { js_number(env, 0), js_number(env, length) };
  if (napi_get_named_property(env, buffer, "subarray", &subarray) != napi_ok) return NULL;
  return napi_call_function(env, buffer, subarray, 2, range, &part) == napi_ok ? part : NULL;
}

int channel_tell(struct channel *channel, const struct ring_record *record, const void *payload)
{
  napi_env env = channel->object.module->env;
  napi_handle_scope scope;
  void *memory;
  int status = -ENOMEM;
  if (channel->events.receiver == NULL) return 1;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return status;
  napi_value buffer = scratch_buffer(channel, &memory);
  if (buffer != NULL) {
    memcpy(memory, payload, record->length_bytes);
    napi_value arguments[6] = {
      js_number(env, record->kind),       js_number(env, record->flags),
      js_number(env, (double)record->call_id), js_number(env, record->slot),
      js_number(env, record->generation), first_bytes(env, buffer, record->length_bytes),
    };
    if (arguments[5] != NULL) {
      sink_call(env, &channel->events, ON_RECORD, 6, arguments);
      status = 1;
    }
  }
  napi_close_handle_scope(env, scope);
  return status;
}

void channel_tell_answered(struct channel *channel, napi_ref token, const struct ended *ended, uint64_t received_ns)
{
  napi_env env = channel->object.module->env;
  napi_handle_scope scope;
  void *memory;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value buffer = scratch_buffer(channel, &memory);
  if (buffer != NULL) {
    memcpy(memory, &ended->end, sizeof ended->end);
    napi_value arguments[6] = {
      NULL,
      js_number(env, ended->call->slot),
      js_number(env, ended->call->generation),
      js_number(env, (double)(ended->at_ns - received_ns) / 1e6),
      js_number(env, (double)(now_ns() - ended->at_ns) / 1e6),
      first_bytes(env, buffer, sizeof ended->end),
    };
    if (napi_get_reference_value(env, token, &arguments[0]) == napi_ok && arguments[5] != NULL)
      sink_call(env, &channel->events, ON_ANSWERED, 6, arguments);
  }
  napi_close_handle_scope(env, scope);
}

/* 1: a record was delivered. 0: the ring is empty. -errno: the ring is unusable. */
static int deliver_one(struct channel *channel)
{
  struct ring_record record;
  int status = ring_read(&channel->from_keeper, &record, channel->payload, RECORD_PAYLOAD_MAX_BYTES);
  if (status == 1) lookout_came(&channel->awaited);
  if (status != 1 || switchboard_passes(channel, &record, channel->payload)) return status;
  switchboard_tell_ended(channel);
  return channel_tell(channel, &record, channel->payload);
}

static bool is_pumping(const struct channel *channel)
{
  return channel->socket_fd >= 0 && channel->events.receiver != NULL && channel->failure == 0;
}

/* A dead keeper leaves at most a ring full; one that only closed its socket could write for ever. */
static bool may_read_more(struct channel *channel)
{
  if (!channel->is_dead) return true;
  if (channel->records_after_death_max == 0) return false;
  channel->records_after_death_max--;
  return true;
}

static void pump(struct channel *channel)
{
  uint64_t ring_ahead = channel->from_keeper.own + channel->from_keeper.size_bytes;
  for (int left = RECORDS_PER_WAKE_MAX; is_pumping(channel); left--) {
    if (left == 0 || channel->from_keeper.own >= ring_ahead) {
      later_schedule(channel->object.module, &channel->later);
      break;
    }
    int status = may_read_more(channel) ? deliver_one(channel) : 0;
    if (status == 1) continue;
    if (status < 0) {
      channel_fail(channel, -status);
      return;
    }
    if (channel->is_dead) {
      channel_fail(channel, 0);
      return;
    }
    if (ring_arm(&channel->from_keeper) == 0) break;
  }
  if (is_pumping(channel) && ring_space_wanted(&channel->from_keeper)) channel_doorbell(channel);
}

static void tell_of_space(struct channel *channel)
{
  napi_env env = channel->object.module->env;
  napi_handle_scope scope;
  if (!channel->is_blocked || !is_pumping(channel) || napi_open_handle_scope(env, &scope) != napi_ok) return;
  channel->is_blocked = false; /* before the call: it writes, and may be refused again */
  sink_call(env, &channel->events, ON_SPACE, 0, NULL);
  napi_close_handle_scope(env, scope);
}

/* Takes the waiting doorbells; the poll handle reports again what is left over. Descriptors a peer might attach are
 * dropped by the kernel, as no room is given for them. */
static void drain_socket(struct channel *channel)
{
  struct channel_message message;
  for (int i = 0; i < MESSAGES_PER_WAKE_MAX; i++) {
    ssize_t got = recv(channel->socket_fd, &message, sizeof message, MSG_DONTWAIT);
    if (got > 0) {
      channel->wakeups_received++;
      continue;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    channel->is_dead = true;
    channel->records_after_death_max = channel->from_keeper.size_bytes / sizeof(struct ring_record);
    poll_close(&channel->poll); /* end of file would be reported for ever */
    return;
  }
}

static bool rings_for_nothing(const struct channel *channel)
{
  uint64_t reasons = channel->from_keeper.records + channel->times_blocked;
  return channel->wakeups_received > reasons + DOORBELLS_AHEAD_MAX;
}

static void on_socket(uv_handle_t *handle, int status, int events)
{
  (void)events;
  struct channel *channel = uv_handle_get_data(handle);
  drain_socket(channel);
  /* POLLERR, after which libuv has stopped the handle: the reads find the error behind the last message. */
  if (status < 0 && !channel->is_dead) uv_poll_start(handle, UV_READABLE, on_socket);
  if (!channel->is_dead) tell_of_space(channel);
  pump(channel);
  if (channel->socket_fd >= 0 && rings_for_nothing(channel)) channel_fail(channel, EPROTO);
}

void channel_on_later(void *owner)
{
  struct channel *channel = owner;
  if (channel->failure != 0) channel_fail(channel, channel->failure);
  else pump(channel);
}

int channel_start_pump(struct channel *channel)
{
  /* The first look at the ring arms it: until then the keeper rings no doorbell. */
  later_schedule(channel->object.module, &channel->later);
  if (channel->poll != NULL || channel->is_dead) return 0;
  channel->poll = poll_open(&channel->object, channel->socket_fd);
  if (channel->poll == NULL) return -ENOMEM;
  return uv_poll_start(channel->poll, UV_READABLE, on_socket);
}
