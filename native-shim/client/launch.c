#include "launch.h"

#include "sys.h"

#define WRITABLE_BY_OTHERS 022
/* For what Node or the supervisor might look up by name: the caller's PATH may lead into a repository. */
#define SYSTEM_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Whoever can write one of these would have the supervisor's rights. */
static int is_safe(const char *path, unsigned type)
{
  struct stat status;
  return sys_stat(path, &status) == 0 && (status.st_mode & S_IFMT) == type && (status.st_mode & WRITABLE_BY_OTHERS) == 0 &&
         (status.st_uid == 0 || status.st_uid == sys_effective_uid());
}

static void cut_last_name(struct line *path)
{
  while (path->length > 0 && path->bytes[path->length - 1] != '/') path->length--;
  if (path->length > 0) path->length--;
  path->bytes[path->length] = 0;
}

const char *find_programs(struct programs *programs)
{
  static const char trouble[] = "its program is not safe: it, Node or a folder of them can be written by others";
  struct line package, folder;
  line_start(&package);
  long length = SYS6(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", package.bytes, LINE_MAX_BYTES, 0, 0);
  if (length <= 0) return "/proc/self/exe cannot be read";
  package.length = (size_t)length;
  cut_last_name(&package);
  folder = package;
  if (!is_safe(folder.bytes, S_IFDIR)) return trouble;
  programs->supervisor = folder;
  line_add(&programs->supervisor, "/supervisor");
  cut_last_name(&package);
  folder = package;
  line_add(&folder, "/build");
  if (!is_safe(folder.bytes, S_IFDIR)) return trouble;
  programs->node = folder;
  line_add(&programs->node, "/node");
  if (programs->supervisor.is_cut || programs->node.is_cut) return "its path is too long";
  struct stat status;
  if (sys_stat(programs->supervisor.bytes, &status) != 0) return "there is no `supervisor` beside this program";
  if (sys_stat(programs->node.bytes, &status) != 0) return "the Node of its installation is gone: npm rebuild hook-supervisor";
  return is_safe(programs->supervisor.bytes, S_IFREG) && is_safe(programs->node.bytes, S_IFREG) ? NULL : trouble;
}

/* Of what a program passes on to those it starts, all but limits, priority and groups, which a process cannot raise again, and
 * signals, which Node itself resets. */
static void detach(int said_fd)
{
  int null = sys_open("/dev/null", O_RDWR, 0);
  SYS6(SYS_setsid, 0, 0, 0, 0, 0, 0);
  if (null < 0 || sys_dup3(null, 0, 0) < 0 || sys_dup3(null, 1, 0) < 0 || sys_dup3(said_fd, 2, 0) < 0 ||
      SYS6(SYS_close_range, 3, ~0u, 0, 0, 0, 0) != 0 || SYS6(SYS_chdir, "/", 0, 0, 0, 0, 0) != 0)
    sys_exit(1);
  SYS6(SYS_umask, 077, 0, 0, 0, 0, 0);
}

_Noreturn static void become_supervisor(const struct programs *programs, const char *runtime_folder, const char *home)
{
  struct line place, home_variable;
  line_start(&place);
  line_add(&place, "SUPERVISOR_RUNTIME_DIR=");
  line_add(&place, runtime_folder);
  line_start(&home_variable);
  line_add(&home_variable, "HOME=");
  if (home != NULL) line_add(&home_variable, home);
  char *argv[] = { "node", (char *)programs->supervisor.bytes, "up", "-d", "--own-home", NULL };
  char *env[] = { SYSTEM_PATH, place.bytes, home != NULL ? home_variable.bytes : NULL, NULL };
  complain("starts a supervisor, since a hook found none");
  if (place.is_cut || home_variable.is_cut) sys_exit(1);
  int error = sys_execve(programs->node.bytes, argv, env);
  struct line line;
  line_start(&line);
  line_add(&line, programs->node.bytes);
  line_add(&line, ": ");
  line_add_error(&line, error);
  complain(line.bytes);
  sys_exit(1);
}

const char *launch(const struct programs *programs, const char *runtime_folder, const char *home, int said_fd)
{
  int child = sys_fork_silent();
  if (child < 0) return "no process can be made";
  if (child == 0) {
    detach(said_fd);
    /* Twice: the hook that this process becomes must not find a child it does not know, and who leads no session can never
     * get a terminal. */
    if (sys_fork_silent() == 0) become_supervisor(programs, runtime_folder, home);
    sys_exit(0);
  }
  sys_wait_silent(child);
  return NULL;
}
