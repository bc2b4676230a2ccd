/* The layers that --layers names, in their fixed order. Each step that fails ends the program. */
#ifndef CONFINE_LAYERS_ENTER_H
#define CONFINE_LAYERS_ENTER_H

#include "options.h"

void enter_user_namespace(const struct confine_options *options);
/* User namespace and the others; after pidNamespace the next child is the first of its namespace. */
void enter_namespaces(const struct confine_options *options);
/* All the rest, and a look at what it has brought. Descriptors stay open up to first_closed - 1. */
void enter_rest(const struct confine_options *options, int first_closed);

#endif
