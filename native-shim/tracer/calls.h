/* What a system call asks of the files, as far as its answer may depend on them. */
#ifndef HOOK_SUPERVISOR_CALLS_H
#define HOOK_SUPERVISOR_CALLS_H

#include <limits.h>
#include <linux/ptrace.h>
#include <sys/types.h>

enum asked {
  ASKED_NOTHING,
  ASKED_PATH,    /* what is there, if anything */
  ASKED_LISTING, /* what a folder has in it */
  ASKED_EXEC,    /* to become the program at path */
  ASKED_TOO_MUCH /* it changes something, or asks somebody else: path says what */
};

/* From now on this process and its children stop at the calls that count, and only there: a stop at every call would make
 * a shim of the shell take seconds. Without a tracer those calls fail. 0 or -errno. */
int calls_stop(void);

/* At the entry of a call of thread tid. path: absolute, where there is one. */
enum asked call_asks(pid_t tid, const struct ptrace_syscall_info *call, char path[2 * PATH_MAX]);

#endif
