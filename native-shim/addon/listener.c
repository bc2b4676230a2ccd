#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "connection.h"
#include "identity.h"

#define ACCEPTS_PER_WAKE_MAX 64

napi_value identity_value(napi_env env, const struct identity *identity)
{
  napi_value value;
  if (napi_create_object(env, &value) != napi_ok) return NULL;
  js_set_number(env, value, "pid", identity->pid);
  js_set_number(env, value, "uid", identity->uid);
  js_set_number(env, value, "gid", identity->gid);
  js_set_number(env, value, "mountNs", (double)identity->mount_ns);
  js_set_number(env, value, "pidNs", (double)identity->pid_ns);
  js_set_number(env, value, "userNs", (double)identity->user_ns);
  js_set_number(env, value, "noNewPrivs", identity->no_new_privs);
  js_set_number(env, value, "seccomp", identity->seccomp);
  js_set_string(env, value, "capEff", identity->cap_eff);
  js_set_string(env, value, "credentials", identity->credentials);
  js_set_number(env, value, "rootDevice", (double)identity->root_device);
  js_set_number(env, value, "rootInode", (double)identity->root_inode);
  js_set_string(env, value, "securityLabel", identity->security_label);
  js_set_string(env, value, "cgroupPath", identity->cgroup_path);
  js_set_number(env, value, "errnum", identity->errnum);
  return value;
}

napi_value listener_self_identity(napi_env env, napi_callback_info info)
{
  (void)info;
  struct identity identity;
  identity_of_self(&identity);
  return identity_value(env, &identity);
}

/* The descriptor table is full. The poll handle would report the waiting connection for ever, so it is accepted with
 * the spare descriptor and closed. False: nothing could be done now. */
static bool shed_one(struct listener *listener)
{
  if (listener->spare_fd >= 0) close(listener->spare_fd);
  int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) close(fd);
  listener->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return fd >= 0;
}

static void on_acceptable(uv_handle_t *handle, int status, int events)
{
  (void)events;
  struct listener *listener = uv_handle_get_data(handle);
  if (status < 0) return;
  for (int i = 0; i < ACCEPTS_PER_WAKE_MAX && listener->object.is_open; i++) {
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if ((errno == EMFILE || errno == ENFILE) && shed_one(listener)) continue;
      return;
    }
    if (listener->connection_count >= LISTENER_CONNECTIONS_MAX) close(fd);
    else listener_receive(listener, fd);
  }
}

static void listener_close(struct object *object)
{
  struct listener *listener = (struct listener *)object;
  if (!object->is_open) return;
  poll_close(&listener->poll);
  timer_close(&listener->timer);
  close(listener->fd);
  if (listener->spare_fd >= 0) close(listener->spare_fd);
  napi_delete_reference(object->module->env, listener->on_connection);
  object_closed(object);
}

static void listener_dispose(struct object *object)
{
  free(object);
}

/* A listening socket at path, or -errno with *failed naming the step. */
static int open_socket(const char *path, const char **failed)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  *failed = "bind";
  if (strlen(path) >= sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path, path, strlen(path));
  *failed = "socket";
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  /* The file gets the mode of the unbound socket, less the umask: at no moment can another user connect. */
  if (*failed = "fchmod", fchmod(fd, 0600) < 0) goto failed;
  if (*failed = "bind", bind(fd, (struct sockaddr *)&address, sizeof address) < 0) goto failed;
  if (*failed = "chmod", chmod(path, 0600) < 0) goto failed; /* a umask may have taken our own bits */
  if (*failed = "listen", listen(fd, LISTENER_CONNECTIONS_MAX) < 0) goto failed;
  return fd;
failed:;
  int errnum = errno;
  close(fd);
  return -errnum;
}

/* The wrapper, or NULL with an exception where Node-API itself failed. Owns fd and path's socket from here on. */
static napi_value start(napi_env env, int fd, enum frame_peer from, napi_value on_connection)
{
  struct listener *listener = calloc(1, sizeof *listener);
  if (listener == NULL) {
    close(fd);
    return js_throw_errno(env, -ENOMEM, "listen", NULL);
  }
  listener->object.close = listener_close;
  listener->object.dispose = listener_dispose;
  napi_value wrapper = object_wrap(module_of(env), CLASS_LISTENER, &listener->object);
  if (wrapper == NULL) {
    close(fd);
    return NULL;
  }
  listener->fd = fd;
  listener->from = from;
  listener->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  napi_create_reference(env, on_connection, 1, &listener->on_connection);
  listener->poll = poll_open(&listener->object, fd);
  listener->timer = timer_open(&listener->object);
  if (listener->timer != NULL && listener->poll != NULL && uv_poll_start(listener->poll, UV_READABLE, on_acceptable) == 0) return wrapper;
  listener_close(&listener->object);
  return js_throw_errno(env, -ENOMEM, "uv_poll_init", NULL);
}

static bool get_peer(napi_env env, napi_value value, enum frame_peer *from)
{
  char *peer = js_string(env, value, "peer", false);
  if (peer == NULL) return false;
  bool is_client = strcmp(peer, "client") == 0;
  bool is_known = is_client || strcmp(peer, "operator") == 0;
  free(peer);
  if (!is_known) js_throw_type(env, "peer", "'client' or 'operator'");
  *from = is_client ? FRAME_FROM_CLIENT : FRAME_FROM_OPERATOR;
  return is_known;
}

napi_value listener_listen(napi_env env, napi_callback_info info)
{
  struct js_args args;
  napi_value wrapper = NULL;
  if (!js_get_args(env, info, 3, &args) || !js_function(env, args.values[2], "onConnection")) return NULL;
  enum frame_peer from;
  if (!get_peer(env, args.values[1], &from)) return NULL;
  char *path = js_string(env, args.values[0], "path", false);
  if (path == NULL) return NULL;
  const char *failed;
  int fd = open_socket(path, &failed);
  if (fd < 0) js_throw_errno(env, fd, failed, path);
  else wrapper = start(env, fd, from, args.values[2]);
  free(path);
  return wrapper;
}

/* A listening socket that another process has bound: the path, or whoever holds it, is not looked at. */
napi_value listener_listen_on(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int fd;
  if (!js_get_args(env, info, 3, &args) || !js_function(env, args.values[2], "onConnection")) return NULL;
  if (!js_int(env, args.values[0], "fd", 0, INT32_MAX, &fd)) return NULL;
  enum frame_peer from;
  if (!get_peer(env, args.values[1], &from)) return NULL;
  int listens = 0;
  socklen_t size = sizeof listens;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0) return js_throw_errno(env, -errno, "getsockopt", NULL);
  if (!listens) return js_throw_errno(env, -EINVAL, "listen", NULL);
  if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) return js_throw_errno(env, -errno, "fcntl", NULL);
  return start(env, fd, from, args.values[2]);
}

static napi_value method_descriptor(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct object *object = js_get_self(env, info, CLASS_LISTENER, 0, &args);
  return object == NULL ? NULL : js_number(env, object->is_open ? ((struct listener *)object)->fd : -EBADF);
}

static napi_value method_close(napi_env env, napi_callback_info info)
{
  struct js_args args;
  struct object *object = js_get_self(env, info, CLASS_LISTENER, 0, &args);
  if (object == NULL || !object->is_open) return NULL;
  listener_introduce_waiting((struct listener *)object);
  listener_close(object);
  return NULL;
}

bool listener_define_class(struct module *module)
{
  const napi_property_descriptor methods[] = { JS_METHOD("close", method_close), JS_METHOD("descriptor", method_descriptor) };
  return object_define_class(module, CLASS_LISTENER, "Listener", methods, 2);
}
