/* What changes when a file or folder does. */
#ifndef HOOK_SUPERVISOR_STAMP_H
#define HOOK_SUPERVISOR_STAMP_H

#include <stddef.h>
#include <stdint.h>

/* As modules.py packs it; the path follows, with its NUL. */
struct packed_stamp {
  uint64_t is_there, device, inode;
  int64_t size_bytes, modified_ns, changed_ns;
};

/* 0, or -1 where nothing is there. */
int stamp_take(const char *path, struct packed_stamp *stamp);
int stamp_equal(const struct packed_stamp *a, const struct packed_stamp *b);
/* Whether all of these stamps and paths, one behind the other, still hold. */
int stamps_unchanged(const char *packed, ptrdiff_t length);

#endif
