/* resident.so and hs_frames.so: what a forked process has been ordered to be. */
#ifndef RESIDENT_BECOME_H
#define RESIDENT_BECOME_H

#include <stddef.h>
#include <stdint.h>

struct became {
  const char *words, *env, *env_end; /* of the worker, and its environment: each string with its NUL, one behind the other */
  uint32_t env_count;
  void *room; /* that all of it lies in: to be unmapped */
  size_t room_bytes;
};

typedef void resident_become_function(struct became *became);

#endif
