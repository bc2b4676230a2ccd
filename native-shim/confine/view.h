/* What the hook sees of the files. */
#ifndef CONFINE_VIEW_H
#define CONFINE_VIEW_H

#include "options.h"

/* Needs mountNamespace, or it does nothing. restricted: the host's tree, with private folders in it. untrusted, with
 * privateMounts: a root of its own. Then the protected paths, read-only. Leaves the caller in a folder of the view. */
void view_enter(const struct confine_options *options);

#endif
