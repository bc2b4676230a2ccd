/* A byte queue in memory that children never inherit: it holds environments and inputs of other calls. */
#ifndef KEEPER_BUFFER_H
#define KEEPER_BUFFER_H

#include <stddef.h>

struct buffer {
  unsigned char *bytes; /* NULL: nothing mapped */
  size_t capacity;
  size_t start; /* first byte not taken */
  size_t end;
};

/* Maps room. 0 or -errno. The buffer must be empty of memory. */
int buffer_map(struct buffer *buffer, size_t capacity);
/* Appends; -ENOBUFS if that would exceed the capacity. */
int buffer_append(struct buffer *buffer, const void *bytes, size_t length);
void buffer_take(struct buffer *buffer, size_t length);
/* Zeroes by giving the memory back. */
void buffer_unmap(struct buffer *buffer);

static inline size_t buffer_length(const struct buffer *buffer) { return buffer->end - buffer->start; }
static inline unsigned char *buffer_at(const struct buffer *buffer) { return buffer->bytes + buffer->start; }

#endif
