#ifndef HOOK_SUPERVISOR_ORDER_FORM_H
#define HOOK_SUPERVISOR_ORDER_FORM_H

#include <stddef.h>

#include "wire.h"

#define ORDER_MAX_BYTES (FRAME_CALL_MAX_BYTES + sizeof(struct order_head))

/* Of a whole START. 1: its lengths agree, so that neither we nor the process read past the record. The process checks the counts
 * itself. */
int order_is_sound(const unsigned char *payload, size_t length);

#endif
