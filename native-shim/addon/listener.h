#ifndef HOOK_SUPERVISOR_LISTENER_H
#define HOOK_SUPERVISOR_LISTENER_H

#include "frame.h"
#include "module.h"

#define LISTENER_CONNECTIONS_MAX 256
/* All connections together: 256 whole CALL frames in the making would be 2 GiB. */
#define LISTENER_READ_BUFFERS_MAX_BYTES ((size_t)128 * 1024 * 1024)

struct listener {
  struct object object;
  uv_handle_t *poll;
  int fd;
  int spare_fd; /* given up for a moment to accept and close a connection when the descriptor table is full */
  enum frame_peer from;
  napi_ref on_connection;
  uv_handle_t *timer;         /* for the connections that wait */
  struct connection *waiting; /* accepted, not known to JavaScript, their first frame not yet there */
  int connection_count;
  size_t read_buffers_bytes;
};

struct identity;
struct connection;
napi_value identity_value(napi_env env, const struct identity *identity);
/* A fresh connection, whose fd is taken over. */
void listener_receive(struct listener *listener, int fd);
void listener_introduce_waiting(struct listener *listener);
/* A waiting connection has something to read, or is at its end. */
void listener_look_again(struct connection *connection);
void listener_forget_waiting(struct connection *connection);
/* listen(path, peer, onConnection), listenOn(fd, peer, onConnection) and selfIdentity(), see supervisor/native.ts */
napi_value listener_listen(napi_env env, napi_callback_info info);
napi_value listener_listen_on(napi_env env, napi_callback_info info);
napi_value listener_self_identity(napi_env env, napi_callback_info info);
bool listener_define_class(struct module *module);

#endif
