/* A single-producer single-consumer ring of variable-length records in shared memory.
 *
 * Full/empty rule: tail is the number of bytes ever published, head the number ever consumed; both only grow and
 * never wrap, the offset in the data is position & (size - 1). Empty: tail == head. Full: tail - head == size.
 * Each side keeps a private copy of its own index and a private cache of the other's; the shared words are written,
 * never read back, by their owner. What is read from the shared page is copied once, then validated: a violation is
 * -EPROTO and the channel is finished.
 * Records are 8-aligned and never wrap: a RECORD_PAD fills the edge, published together with the record behind it. A
 * pad is only the first 8 bytes of a record head (the edge may leave no more); its length is that of the rest up to
 * the edge. Consumed bytes are zeroed before head is published, so a later reader of the mapping finds nothing of an
 * earlier task. A doorbell says no more than "look": at the ring to read and at writes that wait for room. */
#ifndef HOOK_SUPERVISOR_RING_H
#define HOOK_SUPERVISOR_RING_H

#include <stddef.h>
#include <stdint.h>

#define RING_MAGIC 0x676e697248535631ull
#define RING_CACHE_LINE 128

struct ring_record {
  uint32_t length_bytes; /* payload, at most RECORD_PAYLOAD_MAX_BYTES */
  uint16_t kind;         /* enum record_kind */
  uint16_t flags;
  uint64_t call_id;
  uint32_t slot;
  uint32_t generation;
};
_Static_assert(sizeof(struct ring_record) == 24, "document: docs/protocol.md");

/* One direction as it lies in the memfd. */
struct ring_shared {
  uint64_t magic;
  uint32_t version;    /* WIRE_VERSION */
  uint32_t size_bytes; /* of data, a power of two */
  uint64_t generation; /* of the channel; an older keeper's ring is never read */
  char pad0[RING_CACHE_LINE - 24];
  uint64_t tail;       /* written by the producer */
  uint32_t want_space; /* written 1 by the producer before it sleeps on a full ring, 0 by the consumer */
  uint32_t reserved;
  uint64_t mark;       /* written by the producer, for whoever looks after its death */
  char pad1[RING_CACHE_LINE - 24];
  uint64_t head;      /* written by the consumer */
  uint32_t need_wake; /* written 1 by the consumer before it sleeps, 0 by the producer */
  char pad2[RING_CACHE_LINE - 12];
  unsigned char data[];
};

struct ring { /* private to one side */
  struct ring_shared *shared;
  uint32_t size_bytes;
  uint64_t generation;
  uint64_t own;    /* producer: tail; consumer: head */
  uint64_t cached; /* the other side's index as last seen and validated */
  uint64_t records; /* written or read by this side */
  uint64_t wakeups; /* times a doorbell was due */
  int broken;       /* a violation was seen */
};

/* Bytes to map for one direction of size_bytes; not rounded to pages. */
size_t ring_bytes(uint32_t size_bytes);
/* Writes the header of a fresh, zeroed mapping. -EINVAL if size is no power of two or under 2 * max record. */
int ring_format(struct ring_shared *shared, uint32_t size_bytes, uint64_t generation);
/* Attaches one side. Checks magic, version, size against mapped_bytes, generation, and that nothing has been
 * consumed yet. 0 or -EPROTO. */
int ring_attach(struct ring *ring, struct ring_shared *shared, size_t mapped_bytes, uint64_t generation);

/* Producer. Copies header and the iovec-like parts in, publishes, and tells whether a doorbell is due. The length is
 * that of the parts; head->length_bytes is not looked at.
 * 1: published, ring the doorbell. 0: published, the reader is awake. -EAGAIN: no room (want_space is now set; the
 * consumer will ring back). -EMSGSIZE: payload too long. -EPROTO: the peer's index is impossible. */
struct ring_part { const void *bytes; size_t length; };
int ring_write(struct ring *ring, const struct ring_record *head, const struct ring_part *parts, size_t part_count);
/* Producer, also after the consumer's death: 1 if it has consumed all bytes below position (what `own` was after the
 * record was written), 0 if not, -EPROTO. */
int ring_consumed(struct ring *ring, uint64_t position);

/* Producer. Leaves word of what it is at: a store, without a record and its doorbell. */
void ring_mark(struct ring *ring, uint64_t mark);
/* Consumer, also after the producer's death. It means nothing to the ring. */
uint64_t ring_marked(const struct ring *ring);

/* Consumer. Copies the next record out: head into *head, payload into buf (capacity at least
 * RECORD_PAYLOAD_MAX_BYTES). 1: a record. 0: empty. -EPROTO: impossible index, length or kind; never reads out of
 * bounds. After it returns 1 the record's bytes in the ring are zero and its room is free. */
int ring_read(struct ring *ring, struct ring_record *head, void *buf, size_t capacity);
/* Consumer, before sleeping: arms need_wake, full fence, looks again. 1: do not sleep, there is a record (or
 * a violation, which ring_read tells). 0: sleep. */
int ring_arm(struct ring *ring);
/* Consumer that looks again and again instead: no doorbell is due until it arms. */
void ring_disarm(struct ring *ring);
/* 1: it seems that there is a record; ring_read tells. */
int ring_has_come(const struct ring *ring);
/* Consumer, after reading: 1 if the producer waits for room and a doorbell is due; clears the flag. */
int ring_space_wanted(struct ring *ring);

#endif
