/* The host's tree, of which only the written paths can be changed. */
#ifndef CONFINE_WRITTEN_H
#define CONFINE_WRITTEN_H

#include "options.h"

/* Landlock does not ask who changes mode, owner, times or attributes of a file that he can see: chmod of a key lets every
 * user read it. A mount that is read-only does. */
void write_only_written(const struct confine_options *options);

#endif
