/* The host's tree, where that is what the hook sees. */
#ifndef CONFINE_HOST_TREE_H
#define CONFINE_HOST_TREE_H

#include "options.h"

/* Read-only by its mounts, but for what is written to. To Landlock modes, owners and times are nothing: without this, what
 * the user owns could be made a setuid program, or a secret open to all. Before Linux 5.12 it is not done. */
void host_tree_protect(const struct confine_options *options);

#endif
