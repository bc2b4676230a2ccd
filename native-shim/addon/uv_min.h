/* The handful of libuv that the addon needs, declared by hand: Node exports these symbols, but uv.h comes with Node's
 * headers, which a machine that only installs the package does not have, while node-api-headers has none of libuv.
 * Handles are opaque and sized at run time, so the struct layouts of a libuv release do not matter; the numbers below
 * belong to the stable 1.x ABI and uv_min_matches() checks them at load. */
#ifndef HOOK_SUPERVISOR_UV_MIN_H
#define HOOK_SUPERVISOR_UV_MIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct uv_loop_s uv_loop_t;
typedef struct uv_handle_s uv_handle_t; /* stands for uv_poll_t, uv_idle_t, uv_prepare_t and uv_timer_t too */
typedef void (*uv_close_cb)(uv_handle_t *handle);
typedef void (*uv_poll_cb)(uv_handle_t *handle, int status, int events);
typedef void (*uv_idle_cb)(uv_handle_t *handle);
typedef void (*uv_prepare_cb)(uv_handle_t *handle);
typedef void (*uv_timer_cb)(uv_handle_t *handle);

enum { UV_IDLE = 6, UV_POLL = 8, UV_PREPARE = 9, UV_TIMER = 13 }; /* uv_handle_type */
enum { UV_READABLE = 1, UV_WRITABLE = 2, UV_DISCONNECT = 4 };     /* uv_poll_event */

size_t uv_handle_size(int type);
const char *uv_handle_type_name(int type);
void uv_handle_set_data(uv_handle_t *handle, void *data);
void *uv_handle_get_data(const uv_handle_t *handle);
void uv_unref(uv_handle_t *handle);
void uv_close(uv_handle_t *handle, uv_close_cb on_closed);
int uv_poll_init(uv_loop_t *loop, uv_handle_t *poll, int fd);
int uv_poll_start(uv_handle_t *poll, int events, uv_poll_cb on_event);
int uv_poll_stop(uv_handle_t *poll);
int uv_idle_init(uv_loop_t *loop, uv_handle_t *idle);
int uv_idle_start(uv_handle_t *idle, uv_idle_cb on_idle);
int uv_idle_stop(uv_handle_t *idle);
int uv_prepare_init(uv_loop_t *loop, uv_handle_t *prepare);
int uv_prepare_start(uv_handle_t *prepare, uv_prepare_cb on_prepare);
int uv_prepare_stop(uv_handle_t *prepare);
int uv_backend_fd(const uv_loop_t *loop);      /* readable: somebody's event waits */
int uv_backend_timeout(const uv_loop_t *loop); /* how long it may sleep, in ms; 0: not at all, -1: without end */
int uv_timer_init(uv_loop_t *loop, uv_handle_t *timer);
int uv_timer_start(uv_handle_t *timer, uv_timer_cb on_due, uint64_t timeout_ms, uint64_t repeat_ms);
int uv_timer_stop(uv_handle_t *timer);
const char *uv_err_name(int status); /* status is -errno */
const char *uv_strerror(int status);

static inline int uv_min_matches(void)
{
  const char *poll = uv_handle_type_name(UV_POLL);
  const char *idle = uv_handle_type_name(UV_IDLE);
  const char *prepare = uv_handle_type_name(UV_PREPARE);
  const char *timer = uv_handle_type_name(UV_TIMER);
  return poll != NULL && strcmp(poll, "poll") == 0 && idle != NULL && strcmp(idle, "idle") == 0 &&
         prepare != NULL && strcmp(prepare, "prepare") == 0 && timer != NULL && strcmp(timer, "timer") == 0;
}

#endif
