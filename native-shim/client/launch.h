/* Starts `supervisor up -d`, detached from everything that this process has. */
#ifndef HOOK_SUPERVISOR_CLIENT_LAUNCH_H
#define HOOK_SUPERVISOR_CLIENT_LAUNCH_H

#include "text.h"

struct programs {
  struct line node, supervisor;
};

/* Those that were built with this client. NULL, or why they are not to be executed. */
const char *find_programs(struct programs *programs);
/* home: NULL for none. said_fd becomes standard error of what is started. NULL, or why nothing is started; whether Node comes
 * up is not waited for. */
const char *launch(const struct programs *programs, const char *runtime_folder, const char *home, int said_fd);

#endif
