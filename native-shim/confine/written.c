#include "written.h"

#include "failure.h"
#include "layers.h"
#include "sandbox.h"
#include "sys.h"

#define ABSENT (-1)

/* What was read-only on the host must stay so. Hence no right is given back: these trees are opened before all else
 * loses it. */
static void open_written(const struct path_list *writes, const struct confine_options *options, int trees[])
{
  for (size_t i = 0; i < writes->count; i++) {
    int tree = sandbox_tree_open(AT_FDCWD, writes->paths[i], TREE_NO_DEVICES);
    if (tree != -ENOENT) must(options, STAGE_VIEW, tree, writes->paths[i]);
    trees[i] = tree < 0 ? ABSENT : tree;
  }
}

void write_only_written(const struct confine_options *options)
{
  const struct path_list *writes = &options->writes;
  int trees[SANDBOX_PATHS_MAX];
  open_written(writes, options, trees);
  must(options, STAGE_VIEW, sandbox_tree_lock("/"), "/");
  for (size_t i = 0; i < writes->count; i++) {
    if (trees[i] == ABSENT) continue;
    /* Where it leads to, if it is a link: that has been opened. */
    int place = sys_open(writes->paths[i], O_PATH | O_CLOEXEC, 0);
    must(options, STAGE_VIEW, place, writes->paths[i]);
    must(options, STAGE_VIEW, sandbox_tree_attach(trees[i], place, ""), writes->paths[i]);
    sys_close(place);
    sys_close(trees[i]);
  }
  if (has_layer(options, LAYER_PRIVATE_MOUNTS)) must(options, STAGE_VIEW, sandbox_tree_unlock("/tmp"), "/tmp");
}
