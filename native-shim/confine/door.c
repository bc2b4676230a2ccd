#include "door.h"

#include <netinet/in.h>

#include "failure.h"
#include "memory.h"
#include "sandbox.h"
#include "sys.h"
#include "wire.h"

#define DOOR_BACKLOG 64

static int be_door(const struct confine_options *options)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(DOOR_PORT), .sin_addr = { htonl(INADDR_LOOPBACK) } };
  int door = (int)SYS6(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0, 0, 0, 0);
  must(options, STAGE_DOOR, door, "socket");
  must(options, STAGE_DOOR, (int)SYS6(SYS_bind, door, &address, sizeof address, 0, 0, 0), "bind");
  must(options, STAGE_DOOR, (int)SYS6(SYS_listen, door, DOOR_BACKLOG, 0, 0, 0, 0), "listen");
  return door;
}

/* A proxy that takes nothing must not hold us up: the keeper tries again later. */
static int hand_over(const int given[2])
{
  union {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(2 * sizeof(int))];
  } control = { .bytes = { 0 } };
  char one = 0;
  struct iovec part = { &one, 1 };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes,
  };
  control.head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(2 * sizeof(int)) };
  memcpy(CMSG_DATA(&control.head), given, 2 * sizeof(int));
  return (int)SYS6(SYS_sendmsg, DOOR_FD, &message, MSG_NOSIGNAL | MSG_DONTWAIT, 0, 0, 0);
}

void door_open(const struct confine_options *options)
{
  int life[2];
  must(options, STAGE_LOOPBACK, sandbox_loopback_up(), "");
  int door = be_door(options);
  must(options, STAGE_DOOR, sys_pipe2(life, O_CLOEXEC), "pipe");
  must(options, STAGE_DOOR, hand_over((const int[]){ door, life[0] }), "send");
  must(options, STAGE_DOOR, sys_dup3(life[1], DOOR_FD, O_CLOEXEC), "life");
  sys_close(door);
  sys_close(life[0]);
  sys_close(life[1]);
}
