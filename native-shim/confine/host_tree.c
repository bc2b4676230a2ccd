#include "host_tree.h"

#include "failure.h"
#include "sandbox.h"
#include "sys.h"

/* One that is written to: where it is, and itself, taken before all becomes read-only. */
struct written {
  const char *path;
  int place, tree;
};

/* 0: it is not there; else *written is filled, or -errno. */
static int take(const char *path, struct written *written)
{
  int place = sys_open(path, O_PATH | O_CLOEXEC, 0);
  if (place == -ENOENT || place == -ENOTDIR) return 0;
  if (place < 0) return place;
  int tree = sandbox_tree_open(place, "", 0);
  if (tree < 0) return sys_close(place), tree;
  *written = (struct written){ path, place, tree };
  return 1;
}

void host_tree_protect(const struct confine_options *options)
{
  struct written written[SANDBOX_PATHS_MAX];
  size_t count = 0;
  for (size_t i = 0; i < options->writes.count; i++) {
    int taken = take(options->writes.paths[i], &written[count]);
    if (taken == -ENOSYS) return;
    must(options, STAGE_VIEW, taken, options->writes.paths[i]);
    count += (size_t)taken;
  }
  int status = sandbox_tree_make_read_only("/");
  if (status == -ENOSYS) return;
  must(options, STAGE_VIEW, status, "/");
  for (size_t i = 0; i < count; i++) {
    must(options, STAGE_VIEW, sandbox_tree_attach(written[i].tree, written[i].place, ""), written[i].path);
    sys_close(written[i].tree);
    sys_close(written[i].place);
  }
}
