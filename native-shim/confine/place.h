/* A file tree in the making that shows parts of the host's, each at its own path. */
#ifndef CONFINE_PLACE_H
#define CONFINE_PLACE_H

#include <stdint.h>

/* root is what will be seen at `below`: "" for /. What does not lie below it stays out. */
struct scaffold {
  int root;
  const char *below;
};

/* Folders and links on the way are made as the host has them, so that a path leads where it leads there. flags: TREE_*.
 * 0, what is not there included, or -errno. */
int place_show(const struct scaffold *scaffold, const char *path, uint32_t flags);
/* An empty file or folder to attach to; 0 if it is there already. */
int place_make(int root, const char *path, int is_folder);

#endif
