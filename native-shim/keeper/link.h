/* The keeper's side of the channel: ring out, ring in, doorbell, descriptors of calls. */
#ifndef KEEPER_LINK_H
#define KEEPER_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "port.h"
#include "ring.h"
#include "wire.h"

#define OUTBOX_MAX_BYTES (1u << 20) /* far above what all slots can owe at once: nothing new is begun while it fills */
#define CALLS_WITH_FDS_MAX 256u
#define CALL_FDS_KEPT_MS 10000u /* a folder whose START never came must not keep its file system busy */

/* The descriptors of one call: its folder, and with ORDER_PEER_ENDS ring and socket. */
struct call_fds {
  uint64_t call_id; /* 0: a free place */
  uint64_t received_ns;
  int fds[CALL_FDS_MAX];
  size_t count; /* 0: they came when we were at our limit of descriptors, and are lost */
};

struct link {
  struct port port; /* the channel socket */
  struct ring in;   /* daemon to keeper */
  struct ring out;
  struct buffer scratch; /* one record's payload; also the chunk that output is read into */
  struct buffer outbox;  /* records for which the ring had no room, in order */
  struct call_fds kept[CALLS_WITH_FDS_MAX];
  uint64_t kept_due_ns; /* when some of them may have been kept for too long; NEVER: there are none */
  int broken; /* -EPROTO seen, or the outbox ran over */
};

/* Maps and attaches. 0 or -errno. */
int link_attach(struct link *link, int channel_fd, int ring_fd, uint32_t ring_bytes, uint64_t generation);
/* Writes a record now or queues it. Never fails: a link that cannot go on is `broken`. */
void link_send(struct link *link, uint16_t kind, uint64_t call_id, uint32_t slot, uint32_t generation,
               const struct ring_part *parts, size_t part_count);
/* Something waits for room: nothing that makes more records may be begun. */
static inline int link_is_full(const struct link *link) { return buffer_length(&link->outbox) > 0; }
/* Writes what waits, as far as it fits. */
void link_flush(struct link *link);
/* The next record: 1, 0 (none), -EPROTO. The payload lies in scratch until the next call. */
int link_next(struct link *link, struct ring_record *head);
/* 1: there is a record after all, do not sleep. */
int link_arm(struct link *link);
/* Takes what is in the channel socket. 1: more may be there; 0: empty; -EPIPE: the daemon is gone; -EPROTO. Calls
 * `arrived` for each call whose descriptors it has stored, or knows to be lost. */
int link_drain(struct link *link, void (*arrived)(void *context, uint64_t call_id), void *context);
/* The stored descriptors of a call, now the caller's: 1. 0: they have not come. */
int link_take_fds(struct link *link, uint64_t call_id, struct call_fds *taken);
void call_fds_close(struct call_fds *call);
/* Gives up those whose START never came, or was refused before they came. */
void link_drop_old_fds(struct link *link, uint64_t now_ns);

#endif
