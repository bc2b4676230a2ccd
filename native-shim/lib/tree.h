/* Process trees read from /proc: what a supervisor has to go by where there are no control groups. */
#ifndef HOOK_SUPERVISOR_TREE_H
#define HOOK_SUPERVISOR_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TREE_PROCESSES_MAX 32768 /* more are not looked at */

struct tree_process {
  pid_t pid;
  pid_t parent;
  pid_t session;
  int marked;
  uint64_t cpu_ticks; /* own, and of the children it has waited for; 100 a second on every machine Linux runs on */
  uint64_t rss_bytes; /* pages shared with others count in each */
};

struct tree {
  size_t count;
  struct tree_process *processes; /* NULL before the first read; kept between reads */
};

/* Reads every process that is not dead yet. 0 or -errno. */
int tree_read(struct tree *tree);
void tree_free(struct tree *tree);

/* What a process has in memory, pages shared with others by their share. 0, or -errno. */
int tree_pss_bytes(pid_t pid, uint64_t *bytes);

/* Marks every descendant of what is marked. */
void tree_mark_closure(struct tree *tree);
/* Marks one process, if it is there. Sessions are no guide for killing: the number of an empty one is used again. */
void tree_mark(struct tree *tree, pid_t pid);
/* Sends the signal to all that is marked but the caller. Returns how many that were. */
size_t tree_signal(const struct tree *tree, int signal);

/* Kills what `mark` marks, with its closure: stops all first, reading again until no newcomer shows up, since a process
 * that forks while it is looked at would get away. Returns how many were killed, or -errno. */
int tree_kill(struct tree *tree, void (*mark)(struct tree *tree, void *context), void *context);

/* For tree_children, of the calling thread; or -errno. */
int tree_open_children(void);
/* Direct children of who opened the list, a process of one thread. Their number (at most max are written), or -errno. */
ssize_t tree_children(int list_fd, pid_t *pids, size_t max);

#endif
