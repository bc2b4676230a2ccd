#include "autostart.h"

#include <sys/file.h>
#include <sys/prctl.h>

#include "find.h"
#include "launch.h"
#include "memory.h"
#include "sys.h"

#define STARTING_NAME "starting"
#define SOCKET_SUFFIX "/call.sock"
#define RETRY_AFTER_S 10
/* Of the file `starting`: a start was tried. Its last words may not have found room on the disk. */
#define TRIED S_IXUSR

/* A supervisor inherits what confines the one who starts it. It would serve nobody else, and keep a better one away. */
static int is_confined(void)
{
  return SYS6(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0) != 0 || SYS6(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0, 0) != 0 ||
         (uint32_t)SYS6(SYS_getuid, 0, 0, 0, 0, 0, 0) != sys_effective_uid() ||
         SYS6(SYS_getgid, 0, 0, 0, 0, 0, 0) != SYS6(SYS_getegid, 0, 0, 0, 0, 0, 0);
}

/* Defends against a repository that sets the environment of the agent's hooks: a supervisor goes on to serve other projects,
 * so none is started where its configuration would follow from variables. To leave them out instead would not do: they may be
 * the user's, and ask for stricter rules. HOME is looked at by `up --own-home`, which can ask the system for the true one. */
static const char *configuring_variable(char *const *env, int has_given_place)
{
  static const char configuring[][20] = { "SUPERVISOR_", "CLAUDE_HOOKS_", "XDG_CONFIG_HOME=", "XDG_STATE_HOME=" };
  for (; *env != NULL; env++) {
    if (has_given_place && text_after(*env, "SUPERVISOR_RUNTIME_DIR=") != NULL) continue;
    if (text_equal(*env, "SUPERVISOR_AUTOSTART=1")) continue;
    for (unsigned i = 0; i < sizeof configuring / sizeof *configuring; i++)
      if (text_after(*env, configuring[i]) != NULL) return *env;
  }
  return NULL;
}

/* /run/user/UID, or 0 bytes where this user has none. */
static void run_user_folder(struct line *folder)
{
  struct stat status;
  line_start(folder);
  line_add(folder, "/run/user/");
  line_add_number(folder, sys_effective_uid());
  if (sys_stat(folder->bytes, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != sys_effective_uid())
    line_start(folder);
}

/* The folder of --socket, else what the supervisor would choose without any variable (config/folders.ts). */
static const char *choose_folder(const struct options *options, char *const *env, struct line *folder)
{
  const char *given = options->socket_path;
  if (given != NULL) {
    size_t length = text_length(given), suffix_length = sizeof SOCKET_SUFFIX - 1;
    if (*given != '/' || length <= suffix_length || !text_equal(given + length - suffix_length, SOCKET_SUFFIX))
      return "--socket names no absolute path of a call.sock";
    line_start(folder);
    line_add_bytes(folder, given, length - suffix_length);
    return folder->is_cut ? "the path of --socket is too long" : NULL;
  }
  const char *runtime = text_environment(env, "XDG_RUNTIME_DIR");
  run_user_folder(folder);
  if (runtime != NULL && *runtime != 0 && !text_equal(runtime, folder->bytes))
    return "XDG_RUNTIME_DIR is not this user's folder in /run/user; --socket can name the place";
  if (folder->length > 0) line_add(folder, "/hook-supervisor");
  else {
    line_add(folder, "/tmp/hook-supervisor-");
    line_add_number(folder, sys_effective_uid());
  }
  return NULL;
}

/* The file `starting` in the runtime folder, which is made if there is none. Not by the umask of the caller: a folder or file
 * that we cannot open ourselves would keep every later supervisor out. */
static int open_starting(const char *folder_path, struct line *why)
{
  unsigned umask = (unsigned)SYS6(SYS_umask, 077, 0, 0, 0, 0, 0);
  SYS6(SYS_mkdirat, AT_FDCWD, folder_path, 0700, 0, 0, 0);
  int folder = open_trusted_folder(folder_path, why), fd = -1;
  if (folder >= 0) {
    fd = (int)SYS6(SYS_openat, folder, STARTING_NAME, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600, 0, 0);
    sys_close(folder);
  }
  SYS6(SYS_umask, umask, 0, 0, 0, 0, 0);
  return fd;
}

/* Many clients find nobody at the same moment; a Node started for each of them would stop the machine for seconds. The one
 * that has the lock starts one, and the lock is over when that has ended, since it is its standard error. */
static int claim(const char *folder_path, struct line *why, const char **reason)
{
  int fd = open_starting(folder_path, why);
  *reason = "the runtime folder cannot be used";
  if (fd < 0) return -1;
  struct stat status;
  struct timespec now = { 0 };
  *reason = "another call is starting it";
  if (SYS6(SYS_flock, fd, LOCK_EX | LOCK_NB, 0, 0, 0, 0) != 0 || sys_fstat(fd, &status) != 0) return sys_close(fd), -1;
  SYS6(SYS_clock_gettime, CLOCK_REALTIME, &now, 0, 0, 0, 0);
  /* What was written last is the last word of the start before. A clock that was set back must not hold us off for long. */
  int64_t age_s = (int64_t)now.tv_sec - status.st_mtim.tv_sec;
  *reason = "the last start was less than 10 s ago";
  if ((status.st_mode & TRIED) != 0 && age_s >= 0 && age_s < RETRY_AFTER_S) return sys_close(fd), -1;
  SYS6(SYS_ftruncate, fd, 0, 0, 0, 0, 0);
  SYS6(SYS_fchmod, fd, 0600 | TRIED, 0, 0, 0, 0);
  return fd;
}

static const char *try_start(const struct options *options, char *const *env, struct line *why)
{
  struct line folder;
  struct programs programs;
  const char *reason;
  if (is_confined()) return "this process is confined";
  const char *variable = configuring_variable(env, options->socket_path != NULL);
  if (variable != NULL) {
    line_add(why, "; none is started, since the environment has ");
    while (*variable != 0 && *variable != '=') line_add_bytes(why, variable++, 1);
    return "";
  }
  reason = choose_folder(options, env, &folder);
  if (reason == NULL) reason = find_programs(&programs);
  if (reason != NULL) return reason;
  int fd = claim(folder.bytes, why, &reason);
  if (fd < 0) return reason;
  reason = launch(&programs, folder.bytes, text_environment(env, "HOME"), fd);
  sys_close(fd);
  return reason;
}

void autostart(const struct options *options, char *const *env, struct line *why)
{
  const char *reason = try_start(options, env, why);
  if (reason == NULL) line_add(why, "; one is being started");
  else if (*reason != 0) {
    line_add(why, "; none is started: ");
    line_add(why, reason);
  }
}
