/* Becomes the hook itself, as if the supervisor did not exist. */
#ifndef HOOK_SUPERVISOR_CLIENT_DIRECT_H
#define HOOK_SUPERVISOR_CLIENT_DIRECT_H

/* Searches PATH as execvp does. Returns only on failure: the exit status that env(1) would have, 126 or 127, after a line on
 * standard error. */
int exec_hook(char **argv, char *const *env);

#endif
