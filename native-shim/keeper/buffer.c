#include "buffer.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int buffer_map(struct buffer *buffer, size_t capacity)
{
  void *bytes = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (bytes == MAP_FAILED) return -errno;
  if (madvise(bytes, capacity, MADV_DONTFORK) < 0) {
    int error = -errno;
    munmap(bytes, capacity);
    return error;
  }
  *buffer = (struct buffer){ .bytes = bytes, .capacity = capacity };
  return 0;
}

int buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
  if (length > buffer->capacity - buffer_length(buffer)) return -ENOBUFS;
  if (length > buffer->capacity - buffer->end) {
    memmove(buffer->bytes, buffer_at(buffer), buffer_length(buffer));
    buffer->end -= buffer->start;
    buffer->start = 0;
  }
  memcpy(buffer->bytes + buffer->end, bytes, length);
  buffer->end += length;
  return 0;
}

void buffer_take(struct buffer *buffer, size_t length)
{
  buffer->start += length;
  if (buffer->start == buffer->end) buffer->start = buffer->end = 0;
}

void buffer_unmap(struct buffer *buffer)
{
  if (buffer->bytes != NULL) munmap(buffer->bytes, buffer->capacity);
  *buffer = (struct buffer){ 0 };
}
