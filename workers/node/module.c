/* What park.cjs cannot do in JavaScript. One binary serves every Node: only Node-API is used. */
#include <node_api.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "inherit.h"
#include "io.h"
#include "leave.h"
#include "order.h"
#include "own_memory.h"
#include "spare.h"
#include "wire.h"

#define EXIT_UNSUITABLE 78 /* as in park.cjs */

static struct order order;
static pid_t keeper;
static int was_dumpable;
static struct node_exit node_exit;

static void report(uint32_t kind, uint32_t memory_kib)
{
  struct park_report message = { .kind = kind, .pid = (uint32_t)getpid(), .memory_kib = memory_kib };
  (void)write_all(NODE_ORDER_FD, &message, sizeof message);
}

/* In the end of the environment, where no JavaScript can be run any more. */
static void on_cleanup(void *unused)
{
  (void)unused;
  leave_now(&node_exit);
}

static int32_t *kept_integers(napi_env env, napi_value array, size_t *length)
{
  napi_typedarray_type type;
  napi_ref ref; /* for the life of the process: the memory is read at its end */
  void *data;
  if (napi_get_typedarray_info(env, array, &type, length, &data, NULL, NULL) != napi_ok) return NULL;
  if (type != napi_int32_array || napi_create_reference(env, array, 1, &ref) != napi_ok) return NULL;
  return data;
}

/* watchEnd(fields, index of the exit code, index of whether there is one, unsettled, has more), see struct node_exit: true,
 * or undefined where they are not what they should be. */
static napi_value watch_end(napi_env env, napi_callback_info info)
{
  napi_value args[5];
  size_t count = 5, field_count, unsettled_count;
  int32_t code, has_code;
  bool has_more;
  if (napi_get_cb_info(env, info, &count, args, NULL, NULL) != napi_ok || count < 5) return NULL;
  if (napi_get_value_int32(env, args[1], &code) != napi_ok || napi_get_value_int32(env, args[2], &has_code) != napi_ok)
    return NULL;
  if (napi_get_value_bool(env, args[4], &has_more) != napi_ok) return NULL;
  const int32_t *fields = kept_integers(env, args[0], &field_count);
  const int32_t *unsettled = kept_integers(env, args[3], &unsettled_count);
  if (fields == NULL || unsettled == NULL || unsettled_count < 1) return NULL;
  if (code < 0 || has_code < 0 || (size_t)code >= field_count || (size_t)has_code >= field_count) return NULL;
  if (napi_add_env_cleanup_hook(env, on_cleanup, NULL) != napi_ok) return NULL;
  node_exit = (struct node_exit){ fields + code, fields + has_code, unsettled, has_more };
  napi_value is_watched;
  return napi_get_boolean(env, true, &is_watched) == napi_ok ? is_watched : NULL;
}

static napi_value decline(napi_env env, napi_callback_info info)
{
  (void)env, (void)info;
  report(PARK_DECLINED, 0);
  _exit(0);
}

static napi_value strings_to_array(napi_env env, char **strings)
{
  napi_value array, string;
  if (napi_create_array(env, &array) != napi_ok) return NULL;
  for (uint32_t i = 0; strings[i] != NULL; i++) {
    if (napi_create_string_utf8(env, strings[i], NAPI_AUTO_LENGTH, &string) != napi_ok) return NULL;
    if (napi_set_element(env, array, i, string) != napi_ok) return NULL;
  }
  return array;
}

/* Folder, environment and the rest of what a direct run inherits. Declines what cannot be put on any more. */
static napi_value become(napi_env env, napi_callback_info info)
{
  if (inherit(&order) < 0 || leave_early(keeper) < 0) return decline(env, info);
  return NULL;
}

/* The last step: user code must not find the order socket, and may be looked at as in a direct run. */
static napi_value release(napi_env env, napi_callback_info info)
{
  if (was_dumpable && prctl(PR_SET_DUMPABLE, 1) < 0) return decline(env, info);
  close(NODE_ORDER_FD);
  return NULL;
}

/* Out of the way: libuv keeps a descriptor of its own from its first stream on, and is to get the number that it gets in
 * a direct run. */
#define PIPE_FD_MIN 64

/* Two descriptors, to read and to write. */
static napi_value make_pipe(napi_env env, napi_callback_info info)
{
  (void)info;
  int fds[2];
  napi_value array, number;
  if (pipe2(fds, O_CLOEXEC) < 0 || napi_create_array_with_length(env, 2, &array) != napi_ok) return NULL;
  for (uint32_t i = 0; i < 2; i++) {
    int moved = fcntl(fds[i], F_DUPFD_CLOEXEC, PIPE_FD_MIN);
    close(fds[i]);
    if (moved < 0 || napi_create_int32(env, moved, &number) != napi_ok) return NULL;
    if (napi_set_element(env, array, i, number) != napi_ok) return NULL;
  }
  return array;
}

/* Not declared by Node-API's headers; part of libuv's stable ABI, as is its mode. */
extern int uv_run(struct uv_loop_s *loop, int mode);
#define UV_RUN_ONCE 1

/* Around the rehearsal. */
static napi_value streams_begin(napi_env env, napi_callback_info info)
{
  (void)info;
  struct uv_loop_s *loop;
  if (napi_get_uv_event_loop(env, &loop) == napi_ok) spare_remember(loop);
  return NULL;
}

static napi_value streams_are_over(napi_env env, napi_callback_info info)
{
  (void)info;
  struct uv_loop_s *loop;
  if (napi_get_uv_event_loop(env, &loop) == napi_ok) spare_forget(loop);
  return NULL;
}

/* Whether anything is left to wait for. */
static napi_value turn_loop(napi_env env, napi_callback_info info)
{
  (void)info;
  struct uv_loop_s *loop;
  napi_value is_alive;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return NULL;
  return napi_get_boolean(env, uv_run(loop, UV_RUN_ONCE) != 0, &is_alive) == napi_ok ? is_alive : NULL;
}

/* A start that has something to say says it to every hook, at a moment of its own: not to be had from a parked one. */
static int has_spoken(void)
{
  for (int fd = 1; fd <= 2; fd++) {
    int waiting_bytes = 0;
    if (ioctl(fd, FIONREAD, &waiting_bytes) < 0 || waiting_bytes > 0) return 1;
  }
  return 0;
}

/* waitForOrder(whether Node's internals are all known): { mode, programIndex, argv } of the order, once it is there. */
static napi_value wait_for_order(napi_env env, napi_callback_info info)
{
  size_t count = 1;
  napi_value argument;
  bool is_known;
  if (has_spoken()) _exit(EXIT_UNSUITABLE);
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count < 1) return NULL;
  if (napi_get_value_bool(env, argument, &is_known) != napi_ok) return NULL;
  keeper = getppid();
  report(is_known ? PARK_READY : PARK_READY_UNKNOWN, own_memory_kib());
  enum order_state state = order_receive(NODE_ORDER_FD, &order);
  if (state == ORDER_NONE) _exit(0);
  if (state == ORDER_UNSOUND) return decline(env, info);

  napi_value result, mode, program_index, argv = strings_to_array(env, order.argv);
  if (argv == NULL || napi_create_object(env, &result) != napi_ok ||
      napi_create_uint32(env, order.head.mode, &mode) != napi_ok ||
      napi_create_uint32(env, order.head.program_index, &program_index) != napi_ok ||
      napi_set_named_property(env, result, "mode", mode) != napi_ok ||
      napi_set_named_property(env, result, "programIndex", program_index) != napi_ok ||
      napi_set_named_property(env, result, "argv", argv) != napi_ok)
    return decline(env, info);
  return result;
}

/* Against other processes of the same uid: one that holds a parked process would read the order, with its environment. */
static int hide_from_others(void)
{
  was_dumpable = prctl(PR_GET_DUMPABLE) == 1; /* not where the file of this Node cannot be read, for example */
  return was_dumpable ? prctl(PR_SET_DUMPABLE, 0) : 0;
}

NAPI_MODULE_INIT()
{
  napi_value is_main_thread;
  if (gettid() == getpid() && hide_from_others() < 0) _exit(EXIT_UNSUITABLE);
  if (napi_get_boolean(env, gettid() == getpid(), &is_main_thread) != napi_ok) return NULL;
  const napi_property_descriptor properties[] = {
    { .utf8name = "isMainThread", .value = is_main_thread, .attributes = napi_default },
    { .utf8name = "waitForOrder", .method = wait_for_order, .attributes = napi_default },
    { .utf8name = "become", .method = become, .attributes = napi_default },
    { .utf8name = "decline", .method = decline, .attributes = napi_default },
    { .utf8name = "watchEnd", .method = watch_end, .attributes = napi_default },
    { .utf8name = "pipe", .method = make_pipe, .attributes = napi_default },
    { .utf8name = "streamsBegin", .method = streams_begin, .attributes = napi_default },
    { .utf8name = "streamsAreOver", .method = streams_are_over, .attributes = napi_default },
    { .utf8name = "turnLoop", .method = turn_loop, .attributes = napi_default },
    { .utf8name = "release", .method = release, .attributes = napi_default },
  };
  napi_status status = napi_define_properties(env, exports, sizeof properties / sizeof properties[0], properties);
  return status == napi_ok ? exports : NULL;
}
