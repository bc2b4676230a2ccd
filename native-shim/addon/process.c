#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "js.h"

napi_value process_reap(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int pid, status;
  napi_value value;
  if (!js_get_args(env, info, 1, &args)) return NULL;
  /* One child by number only: 0 and below would take the exit status of a child that somebody else waits for. */
  if (!js_int(env, args.values[0], "pid", 1, INT32_MAX, &pid)) return NULL;
  pid_t reaped = waitpid(pid, &status, WNOHANG);
  if (reaped == 0) return js_undefined(env);
  if (napi_create_object(env, &value) != napi_ok) return NULL;
  js_set_number(env, value, "exitCode", reaped < 0 ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 0);
  js_set_number(env, value, "signal", reaped > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  return value;
}

napi_value process_kill(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int pid, number;
  if (!js_get_args(env, info, 2, &args)) return NULL;
  if (!js_int(env, args.values[0], "pid", INT32_MIN + 1, INT32_MAX, &pid)) return NULL;
  if (!js_int(env, args.values[1], "signal", 0, SIGRTMAX, &number)) return NULL;
  /* 0 is our own group, -1 everything we may kill, 1 and its group the machine: never a task. */
  if (pid >= -1 && pid <= 1) return js_number(env, -EINVAL);
  return js_number(env, kill(pid, number) < 0 ? -errno : 0);
}

napi_value process_lock(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int fd;
  if (!js_get_args(env, info, 1, &args) || !js_int(env, args.values[0], "fd", 0, INT32_MAX, &fd)) return NULL;
  return js_number(env, flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0);
}

napi_value process_set_subreaper(napi_env env, napi_callback_info info)
{
  (void)info;
  return js_number(env, prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -errno : 0);
}

napi_value process_set_dumpable(napi_env env, napi_callback_info info)
{
  struct js_args args;
  bool is_dumpable;
  if (!js_get_args(env, info, 1, &args)) return NULL;
  if (napi_get_value_bool(env, args.values[0], &is_dumpable) != napi_ok) {
    js_throw_type(env, "dumpable", "a boolean");
    return NULL;
  }
  return js_number(env, prctl(PR_SET_DUMPABLE, is_dumpable ? 1 : 0, 0, 0, 0) < 0 ? -errno : 0);
}

/* The parent's number from /proc/PID/stat, 0 if the process is gone. The name in it may hold blanks and parentheses,
 * so the fields count from the last parenthesis. */
static pid_t parent_of(int proc, const char *pid)
{
  char name[32], text[512];
  if (snprintf(name, sizeof name, "%s/stat", pid) >= (int)sizeof name) return 0;
  int fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char *after_name = strrchr(text, ')');
  pid_t parent = 0;
  if (after_name == NULL || sscanf(after_name + 1, " %*c %d", &parent) != 1) return 0;
  return parent;
}

/* All of /proc is looked through: /proc/self/task/TID/children exists in some kernels only and may miss processes while
 * they come and go. */
napi_value process_children(napi_env env, napi_callback_info info)
{
  (void)info;
  napi_value list;
  uint32_t count = 0;
  pid_t self = getpid();
  if (napi_create_array(env, &list) != napi_ok) return NULL;
  DIR *proc = opendir("/proc");
  if (proc == NULL) return js_throw_errno(env, -errno, "opendir", "/proc");
  for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    if (parent_of(dirfd(proc), entry->d_name) == self)
      napi_set_element(env, list, count++, js_number(env, atoi(entry->d_name)));
  }
  closedir(proc);
  return list;
}

/* Node's own end joins its threads, and one of them may be held by a disk that takes nothing. */
napi_value process_leave(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int code;
  if (!js_get_args(env, info, 1, &args) || !js_int(env, args.values[0], "code", 0, 255, &code)) return NULL;
  _exit(code);
}

napi_value process_close_fd(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int fd;
  if (js_get_args(env, info, 1, &args) && js_int(env, args.values[0], "fd", 0, INT32_MAX, &fd)) close(fd);
  return NULL;
}

napi_value process_close_on_exec(napi_env env, napi_callback_info info)
{
  struct js_args args;
  int fd;
  if (!js_get_args(env, info, 1, &args) || !js_int(env, args.values[0], "fd", 0, INT32_MAX, &fd)) return NULL;
  return js_number(env, fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0);
}
