#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "js.h"
#include "process.h"
#include "spawn.h"

/* Far above what Linux executes; a bound for the array that is made here. */
#define STRINGS_MAX 65536

static void free_strings(char **strings)
{
  for (char **each = strings; each != NULL && *each != NULL; each++) free(*each);
  free(strings);
}

static bool array_length(napi_env env, napi_value value, const char *name, uint32_t max, uint32_t *length)
{
  bool is_array = false;
  if (napi_is_array(env, value, &is_array) == napi_ok && is_array && napi_get_array_length(env, value, length) == napi_ok &&
      *length <= max)
    return true;
  js_throw_type(env, name, "an array, and not that long");
  return false;
}

/* A NULL-terminated vector, or NULL with an exception. */
static char **get_strings(napi_env env, napi_value value, const char *name, bool is_latin1)
{
  uint32_t length;
  if (!array_length(env, value, name, STRINGS_MAX, &length)) return NULL;
  char **strings = calloc(length + 1, sizeof *strings);
  if (strings == NULL) {
    js_throw_errno(env, -ENOMEM, "malloc", NULL);
    return NULL;
  }
  for (uint32_t i = 0; i < length; i++) {
    napi_value each;
    bool is_got = napi_get_element(env, value, i, &each) == napi_ok;
    if (is_got) strings[i] = js_string(env, each, name, is_latin1);
    if (strings[i] == NULL) {
      free_strings(strings);
      return NULL;
    }
  }
  return strings;
}

static bool get_fds(napi_env env, napi_value value, int fds[SPAWN_FDS_MAX], int *count)
{
  uint32_t length;
  if (!array_length(env, value, "fds", SPAWN_FDS_MAX, &length)) return false;
  for (uint32_t i = 0; i < length; i++) {
    napi_value each;
    if (napi_get_element(env, value, i, &each) != napi_ok || !js_int(env, each, "fds", 0, INT_MAX, &fds[i])) return false;
  }
  *count = (int)length;
  return true;
}

static napi_value start(napi_env env, const struct spawn_request *request)
{
  napi_value value;
  pid_t pid = -1;
  int status = spawn_process(request, &pid);
  if (napi_create_object(env, &value) != napi_ok) return NULL;
  js_set_number(env, value, "pid", status < 0 ? status : pid);
  return value;
}

napi_value process_spawn(napi_env env, napi_callback_info info)
{
  enum { FILE_NAME, ARGV, ENV, FDS, LOG_FD, CWD, FIELDS };
  static const char *const names[FIELDS] = { "file", "argv", "env", "fds", "logFd", "cwd" };
  struct js_args args;
  napi_value fields[FIELDS];
  napi_valuetype type;
  if (!js_get_args(env, info, 1, &args)) return NULL;
  if (napi_typeof(env, args.values[0], &type) != napi_ok || type != napi_object) {
    js_throw_type(env, "request", "an object");
    return NULL;
  }
  for (int i = 0; i < FIELDS; i++)
    if (napi_get_named_property(env, args.values[0], names[i], &fields[i]) != napi_ok) return NULL;

  int fds[SPAWN_FDS_MAX];
  struct spawn_request request = { .fds = fds };
  char *file = js_string(env, fields[FILE_NAME], "file", false);
  char *cwd = file == NULL ? NULL : js_string(env, fields[CWD], "cwd", false);
  char **argv = cwd == NULL ? NULL : get_strings(env, fields[ARGV], "argv", true);
  char **envp = argv == NULL ? NULL : get_strings(env, fields[ENV], "env", true);
  napi_value result = NULL;
  if (envp != NULL && get_fds(env, fields[FDS], fds, &request.fd_count) &&
      js_int(env, fields[LOG_FD], "logFd", -1, INT_MAX, &request.log_fd)) {
    request.file = file;
    request.cwd = cwd;
    request.argv = argv;
    request.envp = envp;
    result = start(env, &request);
  }
  free_strings(envp);
  free_strings(argv);
  free(cwd);
  free(file);
  return result;
}
