/* Puts on what a direct run of the hook would have inherited from the client. */
#ifndef EXEC_APPLY_H
#define EXEC_APPLY_H

#include "wire.h"

/* 0, or -errno of what this process may not do: then a direct run is the only faithful one. */
int apply_inherited(const struct inherited *inherited);

#endif
