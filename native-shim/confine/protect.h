/* What stays as it is below folders that may be written to: agents' settings, git's hooks, the hook's own script. */
#ifndef CONFINE_PROTECT_H
#define CONFINE_PROTECT_H

#include "options.h"

void protect_paths(const struct confine_options *options);

#endif
