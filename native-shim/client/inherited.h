/* Reads of our own process what a direct run of the hook would have inherited. */
#ifndef HOOK_SUPERVISOR_CLIENT_INHERITED_H
#define HOOK_SUPERVISOR_CLIENT_INHERITED_H

#include <stdint.h>

#include "wire.h"

void read_inherited(struct inherited *inherited);
/* 1 if fds 1 and 2 are one open file, so that the order of what is written to both can be seen. */
int is_output_merged(void);

#endif
