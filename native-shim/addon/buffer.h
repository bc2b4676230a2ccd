/* A growing byte queue: bytes go in at the end and are taken from the front. Its bound is its user's. */
#ifndef HOOK_SUPERVISOR_BUFFER_H
#define HOOK_SUPERVISOR_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
  unsigned char *memory;
  size_t start; /* of what is left */
  size_t end;
  size_t capacity;
};

static inline size_t buffer_length(const struct buffer *buffer) { return buffer->end - buffer->start; }
static inline unsigned char *buffer_bytes(const struct buffer *buffer) { return buffer->memory + buffer->start; }

/* Moves what is left to the front and makes the memory at least `capacity` long. False: out of memory. */
bool buffer_reserve(struct buffer *buffer, size_t capacity);
/* Copies bytes to the end; room must be there. */
void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
/* Takes from the front. An empty buffer gives its memory back: most connections are idle most of the time. */
void buffer_take(struct buffer *buffer, size_t length);
void buffer_free(struct buffer *buffer);

#endif
