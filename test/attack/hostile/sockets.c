/* Ways out by a socket or a terminal. The addresses are the test's own. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hostile.h"

static const char *open_family(char **args)
{
  return outcome(socket(atoi(args[0]), atoi(args[1]) | SOCK_CLOEXEC, atoi(args[2])));
}

static struct sockaddr_un named(const char *name, int is_abstract)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  strncpy(address.sun_path + is_abstract, name, sizeof address.sun_path - 2);
  return address;
}

static const char *unix_path(char **args)
{
  struct sockaddr_un address = named(args[0], 0);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return outcome(fd < 0 ? fd : connect(fd, (struct sockaddr *)&address, sizeof address));
}

/* Zeros at the end are part of an abstract name, and who listens may have filled it up with them. */
static const char *unix_abstract(char **args)
{
  struct sockaddr_un address = named(args[0], 1);
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(args[0]));
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, length) == 0) return outcome(fd);
  return outcome(connect(fd, (struct sockaddr *)&address, sizeof address));
}

static const char *pair(char **args)
{
  (void)args;
  int ends[2];
  return outcome(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

static struct sockaddr_in loopback(const char *port)
{
  return (struct sockaddr_in){ .sin_family = AF_INET,
                               .sin_port = htons((uint16_t)atoi(port)),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static const char *tcp(char **args)
{
  struct sockaddr_in address = loopback(args[0]);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return outcome(fd < 0 ? fd : connect(fd, (struct sockaddr *)&address, sizeof address));
}

static const char *tcp_listen(char **args)
{
  (void)args;
  struct sockaddr_in address = loopback("0");
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return outcome(-1);
  return outcome(listen(fd, 1));
}

static const char *udp(char **args)
{
  struct sockaddr_in address = loopback(args[0]);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  return outcome(fd < 0 ? fd : sendto(fd, "", 1, 0, (struct sockaddr *)&address, sizeof address));
}

static const char *own_terminal(char **args)
{
  (void)args;
  return outcome(open("/dev/tty", O_RDWR));
}

static const char *new_terminal(char **args)
{
  (void)args;
  return outcome(open("/dev/ptmx", O_RDWR | O_NOCTTY));
}

static const char *type_on_terminal(char **args)
{
  (void)args;
  return outcome(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

const struct attack socket_attacks[] = {
  { "open-family", open_family },
  { "unix-path", unix_path },
  { "unix-abstract", unix_abstract },
  { "pair", pair },
  { "tcp", tcp },
  { "tcp-listen", tcp_listen },
  { "udp", udp },
  { "own-terminal", own_terminal },
  { "new-terminal", new_terminal },
  { "type-on-terminal", type_on_terminal },
  { NULL, NULL },
};
