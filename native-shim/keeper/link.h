/* The keeper's side of the channel: ring out, ring in, doorbell, cwd descriptors. */
#ifndef KEEPER_LINK_H
#define KEEPER_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "port.h"
#include "ring.h"

#define OUTBOX_MAX_BYTES (1u << 20) /* far above what all slots can owe at once: nothing new is begun while it fills */
#define CWDS_MAX 256u
#define CWD_KEPT_MS 10000u /* a descriptor whose START never came must not keep its file system busy */

/* In the place of a descriptor. */
#define CWD_ABSENT (-1) /* it has not come; of a place: free */
#define CWD_LOST (-2)   /* it has come when we were at our limit of descriptors */

struct cwd {
  uint64_t call_id;
  uint64_t received_ns;
  int fd;
};

struct link {
  struct port port; /* the channel socket */
  struct ring in;   /* daemon to keeper */
  struct ring out;
  struct buffer scratch; /* one record's payload; also the chunk that output is read into */
  struct buffer outbox;  /* records for which the ring had no room, in order */
  struct cwd cwds[CWDS_MAX];
  uint64_t cwds_due_ns; /* when one of them may have been kept for too long; NEVER: there is none */
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
 * `arrived` for each descriptor it has stored, or knows to be lost. */
int link_drain(struct link *link, void (*arrived)(void *context, uint64_t call_id), void *context);
/* The stored descriptor of a call, now the caller's; or CWD_ABSENT, or CWD_LOST. */
int link_take_cwd(struct link *link, uint64_t call_id);
/* Gives up those whose START never came, or was refused before they came. */
void link_drop_old_cwds(struct link *link, uint64_t now_ns);

#endif
