#include "port.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

void port_open(struct port *port, int fd, uint64_t tag)
{
  *port = (struct port){ .fd = fd, .armed = 0, .tag = tag };
}

int port_arm(struct port *port, int epoll_fd, uint32_t events)
{
  if (port->fd < 0 || port->armed == events) return 0;
  int op = port->armed == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  struct epoll_event event = { .events = events, .data.u64 = port->tag };
  if (epoll_ctl(epoll_fd, op, port->fd, &event) < 0) return -errno;
  port->armed = events;
  return 0;
}

void port_close(struct port *port, int epoll_fd)
{
  if (port->fd < 0) return;
  /* close() alone would not do: a child between fork and close_range keeps the open file in the set. */
  (void)port_arm(port, epoll_fd, 0);
  close(port->fd);
  *port = PORT_CLOSED;
}
