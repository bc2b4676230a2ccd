/* The order of an exec process: read, checked, applied, become. */
#ifndef EXEC_ORDER_H
#define EXEC_ORDER_H

/* Waits for the order and becomes its program. Exits at end of file; declines, before anything of the program has run,
 * what it cannot do exactly as a direct run would. */
_Noreturn void order_run(int order_fd);

#endif
