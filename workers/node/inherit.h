/* Puts on what a direct run of Node would have inherited, as Node leaves it once it has started. */
#ifndef NODE_INHERIT_H
#define NODE_INHERIT_H

#include "order.h"

/* 0, or -errno of what this process cannot become: then only a direct run is faithful. */
int inherit(const struct order *order);

#endif
