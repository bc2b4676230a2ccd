/* A descriptor in the keeper's epoll set. Armed only while its event would be acted upon: a level-triggered event that
 * nobody takes would spin, and a hang-up is reported even for an empty mask, so an idle port leaves the set. */
#ifndef KEEPER_PORT_H
#define KEEPER_PORT_H

#include <stdint.h>

enum port_kind {
  PORT_CHANNEL, PORT_SIGNAL, PORT_ZYGOTE, /* one each */
  PORT_ORDER, PORT_STDIN, PORT_STDOUT, PORT_STDERR, /* one per slot */
};

struct port {
  int fd;         /* -1: closed */
  uint32_t armed; /* events asked of epoll; 0: not in the set */
  uint64_t tag;
};

/* The tag carries the slot's generation: an event fetched before the slot got a new process is recognised as stale. */
static inline uint64_t port_tag(enum port_kind kind, uint32_t slot, uint32_t generation)
{
  return (uint64_t)kind << 56 | (uint64_t)(slot & 0xffff) << 32 | generation;
}
static inline enum port_kind port_tag_kind(uint64_t tag) { return (enum port_kind)(tag >> 56); }
static inline uint32_t port_tag_slot(uint64_t tag) { return (uint32_t)(tag >> 32) & 0xffff; }
static inline uint32_t port_tag_generation(uint64_t tag) { return (uint32_t)tag; }

#define PORT_CLOSED ((struct port){ .fd = -1 })

void port_open(struct port *port, int fd, uint64_t tag);
/* 0 or -errno. events 0: leave the set. */
int port_arm(struct port *port, int epoll_fd, uint32_t events);
void port_close(struct port *port, int epoll_fd);

#endif
