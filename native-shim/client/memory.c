#include "memory.h"

#include <stdint.h>

/* Eight bytes at a time, at any alignment and over any type. */
typedef uint64_t word __attribute__((may_alias, aligned(1)));

/* Without it the compiler recognises the loop as memcpy and replaces it by a call of itself. */
#define NOT_AN_IDIOM() __asm__ volatile("" ::: "memory")

static void copy_up(char *to, const char *from, size_t length)
{
  for (; length >= sizeof(word); length -= sizeof(word), to += sizeof(word), from += sizeof(word)) {
    *(word *)to = *(const word *)from;
    NOT_AN_IDIOM();
  }
  for (; length > 0; length--) {
    *to++ = *from++;
    NOT_AN_IDIOM();
  }
}

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
  copy_up(to, from, length);
  return to;
}

void *memmove(void *to, const void *from, size_t length)
{
  if ((uintptr_t)to <= (uintptr_t)from) {
    copy_up(to, from, length);
    return to;
  }
  while (length > 0) {
    length--;
    ((char *)to)[length] = ((const char *)from)[length];
    NOT_AN_IDIOM();
  }
  return to;
}

void *memset(void *to, int value, size_t length)
{
  char *out = to;
  for (; length > 0; length--) {
    *out++ = (char)value;
    NOT_AN_IDIOM();
  }
  return to;
}
