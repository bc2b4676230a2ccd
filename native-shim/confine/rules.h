/* What Landlock gives the hook: everything else is refused. */
#ifndef CONFINE_RULES_H
#define CONFINE_RULES_H

#include "options.h"

/* After the view is entered. *abi: the kernel's version. Fails by itself. */
void rules_enter(const struct confine_options *options, int abi);

#endif
