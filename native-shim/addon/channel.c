#include "channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io.h"
#include "switchboard.h"

static struct channel *self_of(napi_env env, napi_callback_info info, size_t count_min, struct js_args *args)
{
  return (struct channel *)js_get_self(env, info, CLASS_CHANNEL, count_min, args);
}

bool channel_is_alive(const struct channel *channel)
{
  return channel->object.is_open && channel->socket_fd >= 0 && channel->failure == 0;
}

static void close_peer_ends(struct channel *channel)
{
  if (channel->peer_socket_fd >= 0) close(channel->peer_socket_fd);
  if (channel->memory.fd >= 0) close(channel->memory.fd);
  channel->peer_socket_fd = -1;
  channel->memory.fd = -1;
}

static void channel_close(struct object *object)
{
  struct channel *channel = (struct channel *)object;
  napi_env env = object->module->env;
  if (!object->is_open) return;
  switchboard_leave_channel(channel);
  switchboard_forget_ended(channel); /* nobody has listened */
  ring_consumed(&channel->to_keeper, 0); /* takes a last look at the keeper's index, for isConsumed */
  channel->peer_mark = ring_marked(&channel->from_keeper);
  poll_close(&channel->poll);
  lookout_forget(object->module, &channel->awaited);
  later_cancel(object->module, &channel->later);
  sink_clear(env, &channel->events);
  if (channel->scratch != NULL) napi_delete_reference(env, channel->scratch);
  if (channel->socket_fd >= 0) close(channel->socket_fd);
  channel->socket_fd = -1;
  close_peer_ends(channel);
  channel_memory_free(&channel->memory);
  object_closed(object);
}

static void channel_dispose(struct object *object)
{
  struct channel *channel = (struct channel *)object;
  if (channel->socket_fd >= 0) close(channel->socket_fd); /* never opened: its wrapper could not be made */
  close_peer_ends(channel);
  channel_memory_free(&channel->memory);
  free(channel->payload);
  free(channel);
}

static int attach(struct channel *channel, uint64_t generation)
{
  struct channel_memory *memory = &channel->memory;
  void *first = memory->map;
  void *second = memory->map + memory->direction_bytes;
  int status = ring_attach(&channel->to_keeper, first, memory->direction_bytes, generation);
  return status == 0 ? ring_attach(&channel->from_keeper, second, memory->direction_bytes, generation) : status;
}

/* Everything of a channel but its JavaScript. 0 or -errno. */
static int channel_build(struct channel *channel, uint32_t ring_size_bytes, uint64_t generation, const char *folder,
                         const char **failed)
{
  int status = channel_memory_create(&channel->memory, ring_size_bytes, generation, folder, failed);
  if (status < 0) return status;
  int pair[2];
  *failed = "ring_attach";
  status = attach(channel, generation);
  if (status == 0) {
    *failed = "socketpair";
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) status = -errno;
  }
  if (status < 0) {
    channel_memory_free(&channel->memory);
    return status;
  }
  channel->socket_fd = pair[0];
  channel->peer_socket_fd = pair[1];
  return 0;
}

static napi_value wrap(napi_env env, struct channel *channel)
{
  napi_value is_sealed;
  napi_value wrapper = object_wrap(module_of(env), CLASS_CHANNEL, &channel->object);
  if (wrapper == NULL) return NULL;
  js_set_number(env, wrapper, "peerSocketFd", channel->peer_socket_fd);
  js_set_number(env, wrapper, "peerRingFd", channel->memory.fd);
  js_set_string(env, wrapper, "memory", channel->memory.is_memfd ? "memfd" : "file");
  if (napi_get_boolean(env, channel->memory.is_sealed, &is_sealed) == napi_ok)
    napi_set_named_property(env, wrapper, "sealed", is_sealed);
  return wrapper;
}

napi_value channel_create(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int64_t ring_size_bytes, generation;
  if (!js_get_args(env, info, 3, &args)) return NULL;
  if (!js_integer(env, args.values[0], "ringBytes", 1, UINT32_MAX, &ring_size_bytes)) return NULL;
  if (!js_integer(env, args.values[1], "generation", 0, JS_INTEGER_MAX, &generation)) return NULL;
  char *folder = js_string(env, args.values[2], "fallbackFolder", false);
  if (folder == NULL) return NULL;
  const char *failed = "malloc";
  int status = -ENOMEM;
  napi_value wrapper = NULL;
  struct channel *channel = calloc(1, sizeof *channel);
  if (channel != NULL) {
    channel->object.close = channel_close;
    channel->object.dispose = channel_dispose;
    channel->later = (struct later){ .run = channel_on_later, .owner = channel };
    channel->awaited.channel = channel;
    channel->payload = malloc(RECORD_PAYLOAD_MAX_BYTES);
    if (channel->payload != NULL)
      status = channel_build(channel, (uint32_t)ring_size_bytes, (uint64_t)generation, folder, &failed);
    if (status < 0) {
      free(channel->payload);
      free(channel);
      channel = NULL;
    } else wrapper = wrap(env, channel);
  }
  if (status < 0) js_throw_errno(env, status, failed, status == -ENOMEM || status == -EINVAL ? NULL : folder);
  free(folder);
  return wrapper;
}

napi_value channel_corrupt_ring(napi_env env, napi_callback_info info)
{
  struct js_args args;
  if (!js_get_args(env, info, 1, &args)) return NULL;
  struct channel *channel = (struct channel *)object_unwrap(env, args.values[0], CLASS_CHANNEL);
  if (channel == NULL) js_throw_type(env, "channel", "a channel");
  else if (channel->object.is_open) channel->from_keeper.shared->magic = 0;
  return NULL;
}

/* ---- Methods ---------------------------------------------------------------------------------------------------- */

static napi_value set_events(napi_env env, napi_callback_info info)
{
  static const char *const names[SINK_EVENTS] = { "onRecord", "onClosed", "onSpace", "onAnswered" };
  struct js_args args;
  struct channel *channel = self_of(env, info, 1, &args);
  if (channel == NULL || !channel_is_alive(channel)) return NULL;
  if (!sink_set(env, &channel->events, args.values[0], names)) return NULL;
  int status = channel_start_pump(channel);
  return status < 0 ? js_throw_errno(env, status, "uv_poll_start", NULL) : NULL;
}

int channel_write(struct channel *channel, const struct ring_record *record, const struct ring_part *parts,
                  size_t count)
{
  if (!channel_is_alive(channel) || channel->is_dead) return -EPIPE;
  struct ring *ring = &channel->to_keeper;
  int status = ring_write(ring, record, parts, count);
  if (status == -EAGAIN) {
    channel->is_blocked = true;
    channel->times_blocked++;
  }
  if (status == -EPROTO) channel_distrust(channel);
  if (status < 0) return status;
  channel->positions[ring->records % CHANNEL_POSITIONS] = ring->own;
  if (status == 1) channel_doorbell(channel);
  return 0;
}

int channel_send_fds(struct channel *channel, uint64_t call_id, const int *fds, size_t count)
{
  if (!channel_is_alive(channel) || channel->is_dead) return -EPIPE;
  struct channel_message message = { .call_id = call_id };
  ssize_t sent = send_with_fds(channel->socket_fd, &message, sizeof message, fds, count, MSG_DONTWAIT);
  if (sent >= 0) channel->wakeups_sent++;
  return sent < 0 ? (int)sent : 0;
}

static napi_value method_write(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct js_parts parts;
  int64_t kind, flags, call_id, slot, generation;
  struct channel *channel = self_of(env, info, 5, &args);
  if (channel == NULL) return NULL;
  if (!js_integer(env, args.values[0], "kind", 0, UINT16_MAX, &kind) ||
      !js_integer(env, args.values[1], "flags", 0, UINT16_MAX, &flags) ||
      !js_integer(env, args.values[2], "callId", 0, JS_INTEGER_MAX, &call_id) ||
      !js_integer(env, args.values[3], "slot", 0, UINT32_MAX, &slot) ||
      !js_integer(env, args.values[4], "generation", 0, UINT32_MAX, &generation) || !js_parts(&args, 5, &parts))
    return NULL;
  struct ring_record record = { .kind = (uint16_t)kind, .flags = (uint16_t)flags, .call_id = (uint64_t)call_id,
                                .slot = (uint32_t)slot, .generation = (uint32_t)generation };
  int status = channel_write(channel, &record, parts.parts, parts.count);
  return js_number(env, status < 0 ? status : (double)channel->to_keeper.records);
}

static napi_value send_fds(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int64_t call_id;
  int fds[CALL_FDS_MAX];
  struct channel *channel = self_of(env, info, 2, &args);
  if (channel == NULL) return NULL;
  /* 0 would be taken for a doorbell and the descriptor be lost. */
  if (!js_integer(env, args.values[0], "callId", 1, JS_INTEGER_MAX, &call_id)) return NULL;
  size_t count = args.count - 1;
  if (count > CALL_FDS_MAX) return js_number(env, -EINVAL);
  for (size_t i = 0; i < count; i++)
    if (!js_int(env, args.values[i + 1], "fd", 0, INT32_MAX, &fds[i])) return NULL;
  return js_number(env, channel_send_fds(channel, (uint64_t)call_id, fds, count));
}

static bool slot_arguments(napi_env env, const struct js_args *args, struct offer *offer)
{
  int64_t slot, generation;
  if (!js_integer(env, args->values[0], "slot", 0, UINT32_MAX, &slot) ||
      !js_integer(env, args->values[1], "generation", 0, UINT32_MAX, &generation))
    return false;
  *offer = (struct offer){ .slot = (uint32_t)slot, .generation = (uint32_t)generation };
  return true;
}

static napi_value method_offer(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct offer offer;
  struct channel *channel = self_of(env, info, 2, &args);
  if (channel == NULL || !slot_arguments(env, &args, &offer) || !channel->object.is_open) return NULL;
  if (channel->offer_count < CHANNEL_OFFERS_MAX) channel->offers[channel->offer_count++] = offer;
  return NULL;
}

static napi_value method_withdraw(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct offer offer;
  napi_value answer = NULL;
  bool was_there = false;
  struct channel *channel = self_of(env, info, 2, &args);
  if (channel == NULL || !slot_arguments(env, &args, &offer)) return NULL;
  for (size_t i = 0; i < channel->offer_count && !was_there; i++) {
    if (channel->offers[i].slot != offer.slot || channel->offers[i].generation != offer.generation) continue;
    was_there = true;
    channel->offer_count--;
    memmove(&channel->offers[i], &channel->offers[i + 1], (channel->offer_count - i) * sizeof offer);
  }
  napi_get_boolean(env, was_there, &answer);
  return answer;
}

static napi_value method_settle(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct channel *channel = self_of(env, info, 0, &args);
  if (channel == NULL) return NULL;
  switchboard_settle(channel);
  return NULL;
}

/* Where it is not known (an ordinal of long ago, an index that lies) the answer is true: a task that may have begun
 * must never be begun again. */
static bool is_consumed(struct channel *channel, uint64_t ordinal)
{
  struct ring *ring = &channel->to_keeper;
  if (ordinal > ring->records) return false;
  if (ordinal == 0 || ring->records - ordinal >= CHANNEL_POSITIONS) return true;
  uint64_t position = channel->positions[ordinal % CHANNEL_POSITIONS];
  if (!channel->object.is_open) return ring->broken || ring->cached >= position;
  return ring_consumed(ring, position) != 0;
}

static napi_value method_is_consumed(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int64_t ordinal;
  napi_value answer = NULL;
  struct channel *channel = self_of(env, info, 1, &args);
  if (channel == NULL || !js_integer(env, args.values[0], "ordinal", 0, JS_INTEGER_MAX, &ordinal)) return NULL;
  napi_get_boolean(env, is_consumed(channel, (uint64_t)ordinal), &answer);
  return answer;
}

static napi_value await_answer(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct channel *channel = self_of(env, info, 0, &args);
  if (channel != NULL && channel_is_alive(channel)) lookout_await(channel->object.module, &channel->awaited);
  return NULL;
}

static napi_value peer_mark(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct channel *channel = self_of(env, info, 0, &args);
  if (channel == NULL) return NULL;
  return js_number(env, (double)(channel->object.is_open ? ring_marked(&channel->from_keeper) : channel->peer_mark));
}

static napi_value counters(napi_env env, napi_callback_info info)
{
  struct js_args args;
  napi_value value;
  struct channel *channel = self_of(env, info, 0, &args);
  if (channel == NULL || napi_create_object(env, &value) != napi_ok) return NULL;
  js_set_number(env, value, "recordsWritten", (double)channel->to_keeper.records);
  js_set_number(env, value, "recordsRead", (double)channel->from_keeper.records);
  js_set_number(env, value, "wakeupsSent", (double)channel->wakeups_sent);
  js_set_number(env, value, "wakeupsReceived", (double)channel->wakeups_received);
  return value;
}

static napi_value method_distrust(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct channel *channel = self_of(env, info, 0, &args);
  if (channel != NULL && channel_is_alive(channel)) channel_distrust(channel);
  return NULL;
}

static napi_value method_close_peer_ends(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct channel *channel = self_of(env, info, 0, &args);
  if (channel != NULL) close_peer_ends(channel);
  return NULL;
}

static napi_value method_close(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct channel *channel = self_of(env, info, 0, &args);
  if (channel != NULL) channel_close(&channel->object);
  return NULL;
}

bool channel_define_class(struct module *module)
{
  const napi_property_descriptor methods[] = {
    JS_METHOD("setEvents", set_events),
    JS_METHOD("write", method_write),
    JS_METHOD("sendFds", send_fds),
    JS_METHOD("offer", method_offer),
    JS_METHOD("withdraw", method_withdraw),
    JS_METHOD("settle", method_settle),
    JS_METHOD("isConsumed", method_is_consumed),
    JS_METHOD("awaitAnswer", await_answer),
    JS_METHOD("peerMark", peer_mark),
    JS_METHOD("counters", counters),
    JS_METHOD("distrust", method_distrust),
    JS_METHOD("closePeerEnds", method_close_peer_ends),
    JS_METHOD("close", method_close),
  };
  return object_define_class(module, CLASS_CHANNEL, "Channel", methods, sizeof methods / sizeof methods[0]);
}
