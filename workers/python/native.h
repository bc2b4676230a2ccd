/* The functions of hs_frames, by what they are about. */
#ifndef HOOK_SUPERVISOR_NATIVE_H
#define HOOK_SUPERVISOR_NATIVE_H

#include <sys/types.h>

#include "python_abi.h"

extern pid_t keeper_pid; /* 0: nobody wants to know how the process ends */

/* park.c */
/* Closes every descriptor from that number on. */
void close_from(int first);
object *fork_away(object *self, object *args);
object *take_place(object *self, object *args);
object *report(object *self, object *args);
object *receive_order(object *self, object *args);

/* state.c */
object *set_environ(object *self, object *args);
object *set_dumpable(object *self, object *args);
object *inherit(object *self, object *args);
object *unchanged(object *self, object *args);

/* memory.c */
object *fill_holes(object *self, object *args);

/* script.c */
object *read_script(object *self, object *args);

#endif
