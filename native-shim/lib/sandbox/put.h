/* Text for the kernel without a C library. Each returns the place behind what it has put, where the NUL stands. */
#ifndef HOOK_SUPERVISOR_PUT_H
#define HOOK_SUPERVISOR_PUT_H

#include <stdint.h>

#define PUT_NUMBER_MAX_BYTES 20

static inline char *put_text(char *at, const char *text)
{
  while (*text != '\0') *at++ = *text++;
  *at = '\0';
  return at;
}

static inline char *put_number(char *at, uint64_t number)
{
  uint64_t unit = 1;
  while (number / unit >= 10) unit *= 10;
  for (; unit > 0; unit /= 10) *at++ = (char)('0' + number / unit % 10);
  *at = '\0';
  return at;
}

#endif
