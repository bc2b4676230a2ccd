#include "buffer.h"

#include <stdlib.h>
#include <string.h>

bool buffer_reserve(struct buffer *buffer, size_t capacity)
{
  size_t length = buffer_length(buffer);
  if (buffer->start > 0) memmove(buffer->memory, buffer_bytes(buffer), length);
  buffer->start = 0;
  buffer->end = length;
  if (buffer->capacity >= capacity) return true;
  unsigned char *memory = realloc(buffer->memory, capacity);
  if (memory == NULL) return false;
  buffer->memory = memory;
  buffer->capacity = capacity;
  return true;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
  if (length == 0) return;
  memcpy(buffer->memory + buffer->end, bytes, length);
  buffer->end += length;
}

void buffer_take(struct buffer *buffer, size_t length)
{
  buffer->start += length;
  if (buffer->start == buffer->end) buffer_free(buffer);
}

void buffer_free(struct buffer *buffer)
{
  free(buffer->memory);
  *buffer = (struct buffer){ 0 };
}
