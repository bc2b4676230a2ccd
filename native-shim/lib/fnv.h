/* FNV-1a, 64 bits: bytes that differ look different. Not against somebody who seeks two that look alike. */
#ifndef HOOK_SUPERVISOR_FNV_H
#define HOOK_SUPERVISOR_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_START 0xcbf29ce484222325ull

static inline uint64_t fnv_add(uint64_t hash, const char *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3ull;
  return hash;
}

#endif
