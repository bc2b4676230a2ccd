#include "service.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "js.h"

/* Never waits: the loop that would wait for a manager that is stuck is the one that answers hooks. */
static int send_datagram(const char *address_text, const char *text)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  size_t length = strlen(address_text);
  if (length >= sizeof address.sun_path) return -ENAMETOOLONG;
  if (address_text[0] != '/' && address_text[0] != '@') return -EAFNOSUPPORT;
  memcpy(address.sun_path, address_text, length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0'; /* an abstract name: no file, and no NUL at its end */
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  ssize_t sent = sendto(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address,
                        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
  int status = sent < 0 ? -errno : 0;
  close(fd);
  return status;
}

napi_value service_notify(napi_env env, napi_callback_info info)
{
  struct js_args args;
  if (!js_get_args(env, info, 2, &args)) return NULL;
  char *address = js_string(env, args.values[0], "address", false);
  char *text = address == NULL ? NULL : js_string(env, args.values[1], "text", false);
  napi_value status = text == NULL ? NULL : js_number(env, send_datagram(address, text));
  free(text);
  free(address);
  return status;
}

static int get_option(int fd, int name)
{
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, name, &value, &size) < 0 ? -errno : value;
}

napi_value service_listening_path(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int fd;
  if (!js_get_args(env, info, 1, &args) || !js_int(env, args.values[0], "fd", 0, INT32_MAX, &fd)) return NULL;
  if (get_option(fd, SO_DOMAIN) != AF_UNIX || get_option(fd, SO_TYPE) != SOCK_STREAM || get_option(fd, SO_ACCEPTCONN) != 1)
    return js_undefined(env);
  struct sockaddr_un address;
  socklen_t size = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &size) < 0) return js_undefined(env);
  size_t head = offsetof(struct sockaddr_un, sun_path);
  /* An abstract name begins with a NUL: whoever is quick can take it, in any folder. */
  if (size <= head || size > sizeof address || address.sun_path[0] != '/') return js_undefined(env);
  napi_value path;
  size_t length = strnlen(address.sun_path, size - head);
  return napi_create_string_utf8(env, address.sun_path, length, &path) == napi_ok ? path : NULL;
}
