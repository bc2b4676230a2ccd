/* The functions that the compiler itself calls; nothing else of libc exists here. */
#ifndef HOOK_SUPERVISOR_CLIENT_MEMORY_H
#define HOOK_SUPERVISOR_CLIENT_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int value, size_t length);

#endif
