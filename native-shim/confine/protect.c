#include "protect.h"

#include "failure.h"
#include "memory.h"
#include "sandbox.h"
#include "sys.h"
#include "text.h"

#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif
#define NAME_BYTES 256

/* Covers what is open with itself, in the same place, with these rights. */
static int cover(int place, int source, uint32_t flags)
{
  int tree = sandbox_tree_open(source, "", flags | TREE_NO_DEVICES);
  if (tree < 0) return tree;
  int status = sandbox_tree_attach(tree, place, "");
  sys_close(tree);
  return status;
}

static int is_mounted(int fd)
{
  struct statx found;
  if (SYS6(SYS_statx, fd, "", AT_EMPTY_PATH, 0, &found, 0) < 0) return 0;
  return (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

static int is_link(int fd)
{
  struct stat status;
  return sys_fstat(fd, &status) == 0 && S_ISLNK(status.st_mode);
}

static int open_at(int folder, const char *name, int flags)
{
  return (int)SYS6(SYS_openat, folder, name, O_PATH | O_CLOEXEC | flags, 0, 0, 0);
}

/* The length of the longest written folder that path lies in, or is; 0: none. */
static size_t written_part(const struct confine_options *options, const char *path)
{
  size_t longest = 0;
  for (size_t i = 0; i < options->writes.count; i++) {
    const char *rest = text_after(path, options->writes.paths[i]);
    if (rest == NULL || (*rest != '/' && *rest != '\0')) continue;
    if ((size_t)(rest - path) > longest) longest = (size_t)(rest - path);
  }
  return longest;
}

/* A folder on the way. It becomes a place where something is mounted: that cannot be renamed or removed, and so what is
 * protected below it keeps its path. A link could be replaced by another. */
static int enter_folder(int parent, const char *name)
{
  int folder = open_at(parent, name, O_NOFOLLOW);
  if (folder < 0 || is_mounted(folder)) return folder;
  int status = is_link(folder) ? -ELOOP : cover(folder, folder, 0);
  sys_close(folder);
  return status < 0 ? status : open_at(parent, name, O_NOFOLLOW | O_DIRECTORY);
}

/* The last folder on the way, opened, with *name what is left: "" if the path is a written folder itself. */
static int walk(const struct confine_options *options, const char *path, const char **name)
{
  char part[LINE_MAX_BYTES];
  size_t length = written_part(options, path);
  memcpy(part, path, length);
  part[length] = '\0';
  int folder = length == 0 ? open_at(AT_FDCWD, "/", O_DIRECTORY) : open_at(AT_FDCWD, part, 0);
  const char *at = path + length;
  while (folder >= 0 && *at == '/') {
    *name = ++at;
    size_t name_bytes = 0;
    while (at[name_bytes] != '\0' && at[name_bytes] != '/') name_bytes++;
    at += name_bytes;
    if (length == 0 || *at == '\0') return folder; /* outside the written ones nobody can rename anything */
    if (name_bytes >= NAME_BYTES) return sys_close(folder), -ENAMETOOLONG;
    memcpy(part, *name, name_bytes);
    part[name_bytes] = '\0';
    int next = enter_folder(folder, part);
    sys_close(folder);
    folder = next;
  }
  *name = "";
  return folder;
}

static int protect(const struct confine_options *options, const char *path, int may_be_link);

/* Both: the file that it leads to, and the name, which could be made to lead elsewhere. */
static int protect_link(const struct confine_options *options, int link, int target)
{
  char own[32], path[LINE_MAX_BYTES / 2];
  struct line line;
  line_start(&line);
  line_add(&line, "/proc/self/fd/");
  line_add_number(&line, target);
  memcpy(own, line.bytes, line.length + 1);
  long length = SYS6(SYS_readlinkat, AT_FDCWD, own, path, sizeof path - 1, 0, 0);
  if (length < 0) return (int)length;
  path[length] = '\0';
  int status = protect(options, path, 0);
  return status < 0 ? status : cover(link, target, TREE_READ_ONLY);
}

static int protect(const struct confine_options *options, const char *path, int may_be_link)
{
  const char *name;
  int folder = walk(options, path, &name);
  if (folder < 0) return folder;
  int at = *name == '\0' ? folder : open_at(folder, name, O_NOFOLLOW);
  int status = at;
  if (at >= 0 && is_link(at)) {
    int target = may_be_link ? open_at(folder, name, 0) : -ELOOP;
    status = target < 0 ? target : protect_link(options, at, target);
    if (target >= 0) sys_close(target);
  } else if (at >= 0) {
    status = cover(at, at, TREE_READ_ONLY);
  }
  if (at >= 0 && at != folder) sys_close(at);
  sys_close(folder);
  return status < 0 ? status : 0;
}

void protect_paths(const struct confine_options *options)
{
  const struct path_list *paths = &options->protects;
  for (size_t i = 0; i < paths->count; i++) {
    int status = protect(options, paths->paths[i], 1);
    /* Where nothing may be written, nobody can make what is missing. */
    int is_harmless = status == -ENOENT && written_part(options, paths->paths[i]) == 0;
    if (!is_harmless) must(options, STAGE_PROTECT, status, paths->paths[i]);
  }
}
