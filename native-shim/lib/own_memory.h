/* What this process costs. */
#ifndef HOOK_SUPERVISOR_OWN_MEMORY_H
#define HOOK_SUPERVISOR_OWN_MEMORY_H

#include <stdint.h>

/* Its proportional set size, in which a page shared by n processes counts 1/n, in KiB; 0: unknown. Also where it is not
 * dumpable: a process may always look at itself. */
uint32_t own_memory_kib(void);

#endif
