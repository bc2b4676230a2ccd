/* The first parts of the names in a folder of sys.path: whether a file there could be found instead of the library's. */
#ifndef HOOK_SUPERVISOR_STEMS_H
#define HOOK_SUPERVISOR_STEMS_H

#include <stddef.h>
#include <stdint.h>

struct stems { /* zeroed: none */
  uint64_t *hashes; /* a table with open addressing; 0: free */
  size_t capacity, count;
};

/* In place of what it held. 0, also where the folder cannot be read; -ENOTDIR: something else lies there, an archive;
 * -ENOMEM. */
int stems_read(struct stems *stems, const char *folder);
/* 0: no name in the folder begins with this part. 1: one may. */
int stems_has(const struct stems *stems, const char *part, size_t length);

#endif
