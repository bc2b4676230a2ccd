/* The order of an exec process: read, checked, applied, become. */
#ifndef PARKED_ORDER_H
#define PARKED_ORDER_H

#include "apply.h"

#define ORDER_ROOM_BYTES (16u * 1024) /* takes a usual order, its strings' addresses included */

/* Waits for the order and becomes its program. Exits at end of file; declines, before anything of the program has run,
 * what it cannot do exactly as a direct run would. room: ORDER_ROOM_BYTES, aligned to 8. */
_Noreturn void order_run(unsigned char *room, const struct own_state *own);

#endif
