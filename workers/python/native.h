/* The functions of hs_frames, by what they are about. */
#ifndef HOOK_SUPERVISOR_NATIVE_H
#define HOOK_SUPERVISOR_NATIVE_H

#include <sys/types.h>

#include "python_abi.h"
#include "wire.h"

/* What libc keeps for itself. */
#define RESERVED_SIGNAL_FIRST 32
#define RESERVED_SIGNAL_LAST 33
#define RESERVED_SIGNALS (3ull << (RESERVED_SIGNAL_FIRST - 1))

/* What a job begins with. */
enum job_kind { JOB_CODE = 0, JOB_MODULE = 1 };

extern pid_t keeper_pid; /* 0: nobody wants to know how the process ends */

extern int scout_fd; /* below 0: this is no scout */

#define ORDER_FD 3
#define LEARN_FD 4 /* to the zygote; see learned.py */
#define WATCH_FD 5 /* see watch.c */
#define EXIT_NOT_ADOPTED 71

/* request.c */
object *receive_request(object *self, object *args);
object *fork_as_requested(object *self, object *args);
object *take_place(object *self, object *args);

/* park.c */
/* Closes every descriptor from that number on. */
void close_from(int first);
/* 0 or -errno. */
int report_to_keeper(unsigned kind);
object *none_or_error(int status);
object *fork_scout(object *self, object *args);
object *report(object *self, object *args);
object *leave_parking(object *self, object *args);
object *receive_order(object *self, object *args);

/* state.c */
object *set_environ(object *self, object *args);
object *set_dumpable(object *self, object *args);
/* Cwd, umask, priority, limits, merged output and an empty signal mask; which signals are ignored, apart from the reserved
 * ones, is the interpreter's business. Closes the descriptor. 0 or -errno. */
int inherit(const struct order_head *head, int cwd_fd);
int environ_become(const char *first, const char *end, size_t count, const char *name, const char *value);

/* worker.c */
object *serve_workers(object *self, object *args);

/* order.c */
/* The strings of a blob, one behind the other. */
struct strings {
  const char *first, *end;
  uint32_t count;
};
/* os.environ as it is made of these entries: the first of two equal names wins, an entry without '=' is left out. Those
 * that decide how an interpreter starts go into `keys` too, unless it is NULL. 0, or -1 with an exception. */
int environ_fill(const struct strings *entries, object *environ, object *keys);
/* The environment of C and, in each dictionary of the tuple `environs`, that of Python: `environ` with the LC_CTYPE that the
 * interpreter would have put there itself (PEP 538), bytes or None. 0, or -1 with an exception. */
int environ_take(const struct strings *entries, object *environ, object *locale, object *environs);
object *argument_list(const struct strings *argv);
object *environ_of(object *self, object *args);
object *take_order(object *self, object *args);

/* stamp.c */
object *unchanged(object *self, object *args);

/* imports.c */
object *set_import(object *self, object *args);
object *find_and_load(object *self, object *args);
object *modules_beyond(object *self, object *args);
/* As modules_beyond(). */
object *modules_not_in(object *expected);

/* ending.c */
object *set_plain_end(object *self, object *args);
object *plain_end_rehearsed(object *self, object *args);
/* Whether the process may end without the interpreter's tear-down: it may, and the streams are flushed; ending.py must be
 * asked; it may not, since a stream refused to be flushed. */
enum plain_end { END_PLAIN, END_NOT_PLAIN, END_REFUSED } plain_end(void);

/* memory.c */
object *fill_holes(object *self, object *args);

/* pages.c */
/* From here on tell_touched_pages() counts. 0, or -1 where the kernel does not tell. */
int note_pages(void);
object *touch_pages(object *self, object *args);
/* To a descriptor, as touch_pages() takes them. */
void tell_touched_pages(int fd);

/* watch.c */
extern int watch_fd; /* below 0: nothing is watched */
object *watch(object *self, object *args);
object *settle_watch(object *self, object *args);
/* Whether all that is watched is as the zygote has seen it. */
int watch_is_quiet(void);
/* Whether it was so a moment ago. */
int watch_was_quiet(void);
/* Before code of a hook runs: it is neither to see the descriptor nor to reach the flag of others. */
void watch_end(void);

/* script.c */
/* The bytes of a script, and its folder without symbolic links. 0, or -1, perhaps with an exception, where it is no ordinary
 * file. */
int script_read(const char *path, object **content, object **folder);
object *read_script(object *self, object *args);

/* learned.c */
object *set_learned(object *self, object *args);
object *job_of_learned(object *self, object *args);

#endif
