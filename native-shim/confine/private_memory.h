/* Memory of this process that is its own or can become so. */
#ifndef CONFINE_PRIVATE_MEMORY_H
#define CONFINE_PRIVATE_MEMORY_H

#include <stddef.h>

#define PRIVATE_RANGES_MAX 512

struct private_memory {
  size_t count;
  struct { unsigned long start, end; } ranges[PRIVATE_RANGES_MAX];
};

/* All of /proc/self/maps that may be written to and is not shared, but the stack and what belongs to the file of that name.
 * What is not found is only kept. */
void private_memory_find(struct private_memory *found, const char *without);

#endif
