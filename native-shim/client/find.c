#include "find.h"

#include <sys/time.h>
#include <sys/un.h>

#include "memory.h"
#include "sys.h"
#include "text.h"

#define SOCKET_NAME "call.sock"
/* A daemon that is there but stuck fills its backlog; connect would then wait without end. */
#define CONNECT_TIMEOUT_MS 1000

/* The first trouble is kept; that nothing runs at a place is none, somebody should look at the others. */
static void note_trouble(struct line *why, const char *trouble, const char *path)
{
  if (why->length > 0) return;
  line_add(why, trouble);
  line_add(why, ": ");
  line_add(why, path);
}

/* Defends against a folder that another user made under our name, above all in /tmp: what we connect to would get
 * the environment, which holds secrets. Should it be swapped for another afterwards, whose server is it still tells. */
int open_trusted_folder(const char *path, struct line *why)
{
  int folder = sys_open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (folder < 0 && folder != -ENOTDIR && folder != -ELOOP) return -1;
  struct stat status;
  if (folder >= 0 && sys_fstat(folder, &status) == 0 && status.st_uid == sys_effective_uid() &&
      (status.st_mode & 07777) == 0700)
    return folder;
  if (folder >= 0) sys_close(folder);
  note_trouble(why, "not trusted, since it is no real folder of this user with mode 0700", path);
  return -1;
}

/* Connects to folder_path/name, the same as `name` in the open folder. 0 or -errno. */
static int connect_in_folder(int fd, int folder, const char *folder_path, const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  struct line path;
  line_start(&path);
  line_add(&path, folder_path);
  line_add(&path, "/");
  line_add(&path, name);
  if (path.is_cut || path.length >= sizeof address.sun_path) {
    /* Too long for a socket's address, which is short. Not always this way: the kernel makes the files of a process
     * in /proc when they are first asked for, which takes longer than all else here. */
    line_start(&path);
    line_add(&path, "/proc/self/fd/");
    line_add_number(&path, folder);
    line_add(&path, "/");
    line_add(&path, name);
  }
  if (path.is_cut || path.length >= sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path, path.bytes, path.length + 1);
  return (int)SYS6(SYS_connect, fd, &address, sizeof address, 0, 0, 0);
}

static int is_server_ours(int fd)
{
  struct ucred server;
  unsigned length = sizeof server;
  long result = SYS6(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &server, &length, 0);
  return result == 0 && length == sizeof server && server.uid == sys_effective_uid();
}

/* Nobody there is no trouble: an ended supervisor may leave its socket behind. */
static const char *connect_trouble(int error)
{
  switch (error) {
    case -ENOENT:
    case -ECONNREFUSED: return NULL;
    case -EAGAIN: return "the supervisor does not accept connections";
    case -ENAMETOOLONG: return "the name of the supervisor's socket is too long";
    default: return "the supervisor's socket cannot be used";
  }
}

static int try_socket(const struct options *options, const char *folder_path, const char *name, struct line *why)
{
  int folder = open_trusted_folder(folder_path, why);
  if (folder < 0) return -1;
  int fd = (int)SYS6(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, 0, 0, 0);
  if (fd < 0) {
    sys_close(folder);
    note_trouble(why, "no unix socket can be made here", folder_path);
    return -1;
  }
  uint32_t bound_ms = options->accept_timeout_ms != 0 ? options->accept_timeout_ms : CONNECT_TIMEOUT_MS;
  struct timeval bound = { .tv_sec = bound_ms / 1000, .tv_usec = bound_ms % 1000 * 1000 };
  SYS6(SYS_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound, 0);
  int result = connect_in_folder(fd, folder, folder_path, name);
  sys_close(folder);
  if (result == 0 && is_server_ours(fd)) return fd;
  const char *trouble = result == 0 ? "its server belongs to another user" : connect_trouble(result);
  if (trouble != NULL) note_trouble(why, trouble, folder_path);
  sys_close(fd);
  return -1;
}

/* --socket PATH: its folder is held to the same rules. */
static int try_given_socket(const struct options *options, struct line *why)
{
  const char *path = options->socket_path;
  const char *name = path;
  for (const char *at = path; *at != 0; at++)
    if (*at == '/') name = at + 1;
  struct line folder;
  line_start(&folder);
  if (name == path) line_add(&folder, ".");
  else line_add_bytes(&folder, path, name - path > 1 ? (size_t)(name - path - 1) : 1);
  return folder.is_cut ? -1 : try_socket(options, folder.bytes, name, why);
}

/* One of the usual places: BASE/hook-supervisor, or BASE/hook-supervisor-UID where the base is shared by all. */
static int try_place(const struct options *options, const char *base, const char *name, int has_uid, struct line *why)
{
  struct line folder;
  line_start(&folder);
  line_add(&folder, base);
  line_add(&folder, name);
  if (has_uid) line_add_number(&folder, sys_effective_uid());
  return folder.is_cut ? -1 : try_socket(options, folder.bytes, SOCKET_NAME, why);
}

static int try_run_user(const struct options *options, struct line *why)
{
  struct line base;
  line_start(&base);
  line_add(&base, "/run/user/");
  line_add_number(&base, sys_effective_uid());
  return try_place(options, base.bytes, "/hook-supervisor", 0, why);
}

static int try_usual_places(const struct options *options, char *const *env, struct line *why)
{
  int fd = -1;
  const char *runtime = text_environment(env, "XDG_RUNTIME_DIR");
  /* A relative one is to be ignored: XDG Base Directory Specification. */
  if (runtime != NULL && *runtime == '/') fd = try_place(options, runtime, "/hook-supervisor", 0, why);
  if (fd < 0) fd = try_run_user(options, why);
  if (fd < 0) fd = try_place(options, "/tmp", "/hook-supervisor-", 1, why);
  return fd;
}

int find_daemon(const struct options *options, char *const *env, struct line *why)
{
  const char *chosen = text_environment(env, "SUPERVISOR_RUNTIME_DIR");
  int fd;
  line_start(why);
  if (options->socket_path != NULL) fd = try_given_socket(options, why);
  else if (chosen != NULL && *chosen != 0) fd = try_socket(options, chosen, SOCKET_NAME, why);
  else fd = try_usual_places(options, env, why);
  if (fd >= 0 || why->length > 0) return fd;
  line_add(why, "no supervisor is running");
  return -ENOENT;
}
