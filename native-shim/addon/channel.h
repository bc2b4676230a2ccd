#ifndef HOOK_SUPERVISOR_CHANNEL_H
#define HOOK_SUPERVISOR_CHANNEL_H

#include "js.h"
#include "lookout.h"
#include "wire.h"

#define CHANNEL_POSITIONS 4096 /* how many records back isConsumed can tell exactly; a power of two */

#define CHANNEL_OFFERS_MAX 64        /* no keeper has more slots */
#define CHANNEL_ENDED_MAX 64

enum record_event { ON_RECORD, ON_CHANNEL_CLOSED, ON_SPACE, ON_ANSWERED };

/* The two rings as they lie in memory that the keeper maps too. */
struct channel_memory {
  unsigned char *map;
  size_t map_bytes;
  size_t direction_bytes; /* offset of the second ring */
  int fd;
  bool is_memfd;
  bool is_sealed;
};

/* A parked process that a call may be given to without asking JavaScript. */
struct offer {
  uint32_t slot;
  uint32_t generation;
};

/* A call that the switchboard has answered: told when it is asked for, or with the next other record. Off the list of those
 * that run, and without its connection, which is closed. */
struct ended {
  struct switched_call *call;
  struct task_end end;
  uint64_t at_ns;
};

struct channel {
  struct object object;
  struct channel_memory memory;
  struct ring to_keeper;
  struct ring from_keeper;
  uv_handle_t *poll;
  int socket_fd;      /* -1 once the keeper is dead */
  int peer_socket_fd; /* the keeper's end until closePeerEnds() */
  struct sink events;
  struct later later;
  napi_ref scratch; /* a Buffer of one payload, lent to every onRecord */
  unsigned char *payload; /* of the record that was read last */
  struct offer offers[CHANNEL_OFFERS_MAX]; /* longest parked first */
  size_t offer_count;
  struct switched_call *switched; /* list of the calls in the switchboard's hands */
  struct ended ended[CHANNEL_ENDED_MAX];
  size_t ended_count;
  struct awaited awaited;
  int failure;      /* errno to close with in the next turn; 0: none */
  bool is_blocked;  /* a write found no room */
  bool is_dead;     /* end of file on the socket: what lies in the ring is still read */
  uint64_t records_after_death_max;
  uint64_t wakeups_sent;
  uint64_t wakeups_received;
  uint64_t times_blocked; /* writes that found no room: for each the keeper may ring once */
  uint64_t peer_mark; /* once it is closed: the last one */
  uint64_t positions[CHANNEL_POSITIONS]; /* end of the record with ordinal % CHANNEL_POSITIONS */
};

/* 0 or -errno with *failed naming the step. */
int channel_memory_create(struct channel_memory *memory, uint32_t ring_bytes, uint64_t generation,
                          const char *fallback_folder, const char **failed);
void channel_memory_free(struct channel_memory *memory);

/* Watches the channel socket and reads what lies in the ring. 0 or -errno. */
int channel_start_pump(struct channel *channel);
void channel_on_later(void *owner);
void channel_doorbell(struct channel *channel);
/* 0 or -errno, as Channel.write in native.ts; the record's ordinal is then channel->to_keeper.records. */
int channel_write(struct channel *channel, const struct ring_record *record, const struct ring_part *parts,
                  size_t count);
/* 0 or -errno. The descriptors stay the caller's. */
int channel_send_fds(struct channel *channel, uint64_t call_id, const int *fds, size_t count);
bool channel_is_alive(const struct channel *channel);
/* onRecord(...). 1, or -ENOMEM. */
int channel_tell(struct channel *channel, const struct ring_record *record, const void *payload);
/* onAnswered(token, ...): a call that was answered without JavaScript. */
void channel_tell_answered(struct channel *channel, napi_ref token, const struct ended *ended, uint64_t received_ns);
/* As if its ring were broken, from the next turn on. */
void channel_distrust(struct channel *channel);
/* Stops all activity and says so to JavaScript; the memory stays, for isConsumed. */
void channel_fail(struct channel *channel, int errnum);

napi_value channel_create(napi_env env, napi_callback_info info);
napi_value channel_corrupt_ring(napi_env env, napi_callback_info info);
bool channel_define_class(struct module *module);

#endif
