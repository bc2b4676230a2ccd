#include "view.h"

#include "failure.h"
#include "layers.h"
#include "place.h"
#include "protect.h"
#include "sandbox.h"
#include "sys.h"
#include "text.h"
#include "written.h"

/* Where a tree is put together before it goes where it belongs: what lies below on the host cannot be shown. */
#define SCAFFOLD "/dev/shm"

static const char *const devices[] = { "null", "zero", "full", "random", "urandom" };
static const char *const links[][2] = {
  { "/proc/self/fd", "dev/fd" }, { "/proc/self/fd/0", "dev/stdin" }, { "/proc/self/fd/1", "dev/stdout" },
  { "/proc/self/fd/2", "dev/stderr" },
};

static void mount_private(const struct confine_options *options, const char *path)
{
  must(options, STAGE_MOUNT_PRIVATE, sandbox_mount_private(path, options->tmp_max_bytes, options->tmp_max_files), path);
}

static int open_scaffold(const struct confine_options *options)
{
  int root = sys_open(SCAFFOLD, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  must(options, STAGE_VIEW, root, SCAFFOLD);
  return root;
}

/* The written ones last: one that lies below a read one is seen as written. */
static void show_paths(const struct confine_options *options, const struct scaffold *scaffold)
{
  const struct path_list *reads = &options->reads, *writes = &options->writes;
  for (size_t i = 0; i < reads->count; i++)
    must(options, STAGE_VIEW, place_show(scaffold, reads->paths[i], TREE_READ_ONLY | TREE_NO_DEVICES), reads->paths[i]);
  for (size_t i = 0; i < writes->count; i++)
    must(options, STAGE_VIEW, place_show(scaffold, writes->paths[i], TREE_NO_DEVICES), writes->paths[i]);
}

static void mount_proc(const struct confine_options *options, const char *path)
{
  must(options, STAGE_MOUNT_PROC, sandbox_mount_proc(path), path);
}

/* A project may lie in /tmp: it is shown in the private one. */
static void change_host_tree(const struct confine_options *options)
{
  if (has_layer(options, LAYER_PRIVATE_MOUNTS)) {
    mount_private(options, SCAFFOLD);
    struct scaffold scaffold = { open_scaffold(options), "/tmp" };
    show_paths(options, &scaffold);
    must(options, STAGE_MOUNT_PRIVATE, sandbox_tree_move(SCAFFOLD, "/tmp"), "/tmp");
    sys_close(scaffold.root);
  }
  write_only_written(options);
  if (has_layer(options, LAYER_PRIVATE_MOUNTS)) {
    mount_private(options, "/dev/shm");
    int covered = sandbox_mount_cover("/sys/fs/cgroup");
    if (covered != -ENOENT) must(options, STAGE_MOUNT_COVER, covered, "/sys/fs/cgroup");
  }
  if (has_layer(options, LAYER_PROC)) mount_proc(options, "/proc");
}

static void make_devices(const struct confine_options *options, int root)
{
  for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
    struct line path;
    line_start(&path);
    line_add(&path, "/dev/");
    line_add(&path, devices[i]);
    must(options, STAGE_VIEW, place_show(&(struct scaffold){ root, "" }, path.bytes, 0), path.bytes);
  }
  for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
    must(options, STAGE_VIEW, (int)SYS6(SYS_symlinkat, links[i][0], root, links[i][1], 0, 0, 0), links[i][1]);
}

static void make_root(const struct confine_options *options)
{
  static const char *const folders[] = { "tmp", "dev", "dev/shm", "proc" };
  must(options, STAGE_MOUNT_PRIVATE, sandbox_mount_root(SCAFFOLD), SCAFFOLD);
  struct scaffold scaffold = { open_scaffold(options), "" };
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
    must(options, STAGE_VIEW, place_make(scaffold.root, folders[i], 1), folders[i]);
  mount_private(options, SCAFFOLD "/tmp");
  mount_private(options, SCAFFOLD "/dev/shm");
  make_devices(options, scaffold.root);
  show_paths(options, &scaffold);
  if (has_layer(options, LAYER_PROC)) mount_proc(options, SCAFFOLD "/proc");
  else must(options, STAGE_VIEW, place_show(&scaffold, "/proc", TREE_READ_ONLY | TREE_NO_DEVICES), "/proc");
  must(options, STAGE_ENTER_ROOT, sandbox_enter_root(SCAFFOLD), SCAFFOLD);
  sys_close(scaffold.root);
}

void view_enter(const struct confine_options *options)
{
  char folder[LINE_MAX_BYTES];
  if (!has_layer(options, LAYER_MOUNT)) return;
  long length = SYS6(SYS_getcwd, folder, sizeof folder, 0, 0, 0, 0);
  must(options, STAGE_DETACH_MOUNTS, sandbox_detach_mounts(), "/");
  if (options->is_untrusted && has_layer(options, LAYER_PRIVATE_MOUNTS)) make_root(options);
  else change_host_tree(options);
  protect_paths(options);
  /* By its path: the folder that we are in may lie below what is covered now, and from it the rest could be reached. */
  if (length > 0 && SYS6(SYS_chdir, folder, 0, 0, 0, 0, 0) == 0) return;
  must(options, STAGE_CWD, (int)SYS6(SYS_chdir, "/", 0, 0, 0, 0, 0), "/");
}
