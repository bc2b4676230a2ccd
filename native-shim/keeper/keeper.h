/* Theory of operation.
 *
 * The keeper owns the processes of one pool. The daemon talks to it over a ring (link.c); it forks processes or has a
 * zygote fork them (birth.c, zygote.c), each into a slot, where they park (parking.c) until a START comes (order.c).
 * While a task runs, its output goes to the ring (output.c) and its input into its pipe (stdin.c). It ends by itself or
 * is killed (ending.c, killing.c); descendants that outlive it make the slot linger (linger.c). stock.c keeps
 * processes parked, as many as refill.c decides; machine.c says what each input means in each state.
 *
 * Above `contained` each process is started through supervisor-confine (confining.c), and what is protected in folders it
 * may write to is watched over (protection.c).
 *
 * One thread, one epoll set (loop.c); nothing blocks before the stop. What cannot be written waits in a bounded outbox,
 * and while something waits there the keeper neither reads its ring nor any pipe.
 * Non-dumpable, and what holds the data of calls is never inherited by a child. */
#ifndef KEEPER_KEEPER_H
#define KEEPER_KEEPER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "buffer.h"
#include "clock.h"
#include "denials.h"
#include "link.h"
#include "machine.h"
#include "options.h"
#include "port.h"
#include "protection.h"
#include "refill.h"
#include "stage.h"
#include "tree.h"
#include "wire.h"

#define READY_TIMEOUT_MS 10000u
#define REKILL_MS 20u          /* between two sweeps of a condemned tree */
#define KILL_GIVE_UP_MS 2000u  /* a main process in an uninterruptible sleep must not keep its caller waiting */
#define DECLINE_EXIT_MS 200u   /* a process that has declined exits by itself within this */
#define STRAYS_MAX 1024u
#define STDIN_CREDIT_STEP_BYTES (64u * 1024)

/* One call in a slot. Zeroed when it is over. */
struct call {
  uint64_t id; /* 0: none */
  struct start_head start;
  struct buffer payload;   /* the START record, while it is assembled or cannot be handed on yet */
  uint64_t assembling_id;  /* whose START that is; 0: none */
  size_t order_sent_bytes;
  struct buffer input;     /* stdin the pipe has not taken */
  int input_ended;         /* nothing follows what is in `input` */
  uint32_t input_uncredited_bytes;
  uint64_t stdout_bytes, stderr_bytes; /* forwarded */
  uint64_t unacknowledged_bytes;       /* output the client has not taken */
  struct denials denials;
  int is_resident; /* answers tasks of its own channel; ORDER_RESIDENT */
  int over_cap;
  int killed;       /* all of its processes are to die */
  uint32_t outcome; /* OUTCOME_ANSWERED, or the first cause of its end */
  uint32_t limit;
  uint64_t started_ns;
  uint64_t give_up_ns; /* KILLING: when END is sent without a reaped main process */
  struct task_end end; /* filled when the main process is reaped */
};

enum outer { OUTER_USER, OUTER_NET, OUTERS }; /* namespaces that outlive a process */

struct leaf_counters {
  uint64_t cpu_us, throttled_us, oom_kills, own_ooms, pids_max_hits; /* own: the leaf's own limit was hit */
};

struct slot {
  uint32_t index;
  uint32_t generation; /* of the process it holds or held last; the first is 1 */
  enum slot_state state;
  pid_t pid;          /* main process; 0: none, or a zygote's child that has not said READY */
  pid_t session;      /* pid of the last main process: its descendants may still be in that session */
  struct port order;  /* our end of the order socket */
  int order_far_fd;   /* the process's end: tells whether an order was read, even of a dead process */
  struct port input, output, error; /* our ends of its stdin, stdout and stderr */
  ino_t pipe_inodes[3];
  uint64_t due_ns;
  uint64_t watch_ns; /* when the use of its task is looked at next; NEVER: it is not */
  uint64_t cpu_before_us; /* spent on parking */
  uint64_t begun_ns, parked_ns; /* its start, and the end of that */
  int has_run;        /* an order was handed to the process of this generation */
  uint64_t protected_as; /* see protection_digest; when the process was started */
  int exit_status;    /* of the main process, once reaped */
  int lingering_announced;
  int lingering_condemned;
  uint64_t lingering_since_ns;
  unsigned lingering_looks;
  int outer_fds[OUTERS]; /* -1: not made yet, or not kept */
  int leaf_fd; /* -1: no cgroup, or not made yet; kept until the leaf is renewed */
  int controller_fds[CONTROLLERS_MAX]; /* the leaf in the v1 hierarchies, as options.controllers has them; else -1 */
  int leaf_was_killed;
  int peak_fd;
  int peak_is_ours;      /* memory.peak could be reset for this process */
  uint64_t peak_before;
  struct leaf_counters leaf_before; /* as the process was parked: what a leaf counts, it counts over its whole life */
  struct call call;
};

/* A child adopted from somebody's descendants; kept until its death has been looked into. */
struct stray {
  pid_t pid;
  pid_t session;
  int owner; /* slot index; -1: cannot be told */
  int dead;
};

enum zygote_phase { ZYGOTE_DOWN, ZYGOTE_WARMING, ZYGOTE_SERVING };

struct zygote {
  enum zygote_phase phase;
  pid_t pid; /* may be set in ZYGOTE_DOWN: it is exiting */
  uint32_t generation;
  int32_t exit_status;
  struct port port;
  unsigned failures;
  uint64_t due_ns; /* DOWN: next start, or with a pid its kill; WARMING: must be warm by then */
};

struct keeper {
  struct options options;
  pid_t pid;
  int epoll_fd;
  struct port signals;
  struct link link;
  struct rlimit files_before; /* RLIMIT_NOFILE as it was given to us */
  int parked_program_fd; /* exec: the file of supervisor-parked; -1 for other runtimes */
  int confine_program_fd; /* supervisor-confine; -1 at contained */
  struct protection protection;
  enum placement placement;
  int zygote_leaf_fd;
  char group_path[1024]; /* of the pool's group, as /proc/PID/cgroup shows it */
  char controller_paths[CONTROLLERS_MAX][1024]; /* of the pool's groups in the v1 hierarchies */
  unsigned soiled_leaves;     /* renewed on v1, see hygiene.c */
  unsigned limits_complained; /* bit per limit file that has been reported */
  struct target target;
  struct zygote zygote;
  struct slot slots[SLOTS_MAX];
  struct stray strays[STRAYS_MAX];
  size_t stray_count;
  struct tree tree;
  int children_fd; /* see tree_children; below 0: the kernel does not list them */
  unsigned start_failures;
  uint64_t next_start_ns;
  uint32_t processors; /* that we may run on */
  uint64_t short_since_ns; /* fewer are parked or starting than wanted; NEVER: enough are */
  uint64_t answered_ns;    /* when the last task ended; 0: none has */
  uint64_t refill_due_ns;  /* end of a hold; NEVER: none */
  int stopping;  /* leave the loop */
  int exit_code; /* with this */
};

#define EXIT_CHANNEL_LOST 69
#define EXIT_VIOLATION 70
#define EXIT_SYSTEM 71

/* The daemon or its ring broke the rules: nothing it says can be believed any more. */
void keeper_violation(struct keeper *keeper, const char *what);

/* setup.c: everything up to HELLO. 0 or -errno with *step naming what failed. */
int keeper_setup(struct keeper *keeper, const char **step);
/* A program of the build folder beside ours, at EXEC_PROGRAM_FD_MIN or above. Held open: an upgrade under our feet must not
 * give us one of another version. 0 or -errno. */
int open_program(const char *name, int *fd);
/* The same descriptor at a number that exec_park() has no use for, or -errno; the old one is closed. */
int out_of_the_way(int fd);
/* loop.c: runs until stopping. */
void keeper_loop(struct keeper *keeper);
/* stop.c: kills, reaps and removes all. */
void keeper_stop(struct keeper *keeper);
/* reap.c: takes every dead child. */
void keeper_reap(struct keeper *keeper);
/* A process says that nothing but its exit is left; ignored unless it is a slot's main process. */
void keeper_finished(struct keeper *keeper, pid_t pid, int exit_code);

/* leaves.c. 0 or -errno. */
int leaves_setup(struct keeper *keeper);
int leaf_prepare(struct keeper *keeper, struct slot *slot);
/* hygiene.c: an empty leaf to which too much is still charged, and which may be renewed. */
int leaf_is_soiled(struct keeper *keeper, const struct slot *slot);
/* The folder of the leaf that has a file: with v1, that of the hierarchy of its controller. */
int leaf_folder(const struct keeper *keeper, const struct slot *slot, const char *file);
/* Puts a process of the slot where placement alone does not: into its leaf of every v1 hierarchy. */
int leaf_adopt(const struct keeper *keeper, const struct slot *slot, pid_t pid);
/* The slot's process is where it belongs: its path, or -errno (-EXDEV: elsewhere). */
ssize_t leaf_prove(const struct keeper *keeper, const struct slot *slot, pid_t pid, char *path, size_t capacity);
void leaves_remove(struct keeper *keeper);

/* confining.c */
static inline int is_confined(const struct keeper *keeper)
{
  return keeper->options.confinement.level != LEVEL_CONTAINED;
}
int confining_setup(struct keeper *keeper);
/* The command line for one process, to be freed; NULL: no memory. */
char **confining_argv(const struct keeper *keeper, const struct slot *slot);
/* 1: the hooks have a pid namespace, in which our numbers mean nothing. */
int has_own_pids(const struct keeper *keeper);
/* The process that the slot's main process waits for: the same, or in its pid namespace the hook's. */
pid_t confined_pid(const struct keeper *keeper, const struct slot *slot);

/* figures.c */
void figures_open_peak(const struct keeper *keeper, struct slot *slot);  /* of a leaf that has just been made */
void figures_reset_peak(struct slot *slot); /* before a process starts in the leaf */
/* It is parked: what is counted from here on is the task's. */
void figures_begin(const struct keeper *keeper, struct slot *slot);
/* All that is told of a task's use; usage is NULL where its main process is not reaped. Returns how often the leaf's
 * own memory limit, and not that of a group above it, was hit. */
uint32_t figures_end(const struct keeper *keeper, struct slot *slot, struct task_end *end, const struct rusage *usage);
uint64_t figures_leaf_cpu_us(const struct keeper *keeper, const struct slot *slot); /* since figures_begin */
uint64_t figures_oom_kills(const struct keeper *keeper, const struct slot *slot);   /* since figures_begin */
/* The kernel ends one process of a leaf that is out of memory, not all: the rest is ours to end. */
int figures_oom_spares_others(const struct keeper *keeper);

/* watch.c */
void watch_begin(struct keeper *keeper, struct slot *slot);
void watch_tick(struct keeper *keeper, uint64_t now);

/* birth.c */
pid_t fork_child(struct keeper *keeper, int leaf_fd); /* as fork; -errno */
void report_failure(struct keeper *keeper, struct slot *slot, uint32_t stage, int errnum, const char *text);

/* zygote.c */
void zygote_tick(struct keeper *keeper);
void zygote_readable(struct keeper *keeper);
void zygote_died(struct keeper *keeper, int status);
int zygote_fork(struct keeper *keeper, struct slot *slot, const int child_fds[4]);

/* reports.c */
void order_socket_event(struct keeper *keeper, struct slot *slot, uint32_t events);

/* parking.c */
void slot_release(struct keeper *keeper, struct slot *slot);
void call_clear(struct slot *slot);

/* order.c */
void order_record(struct keeper *keeper, const struct ring_record *head, unsigned char *payload);
void send_not_started(struct keeper *keeper, const struct slot *slot, uint64_t call_id, uint32_t generation,
                      uint32_t why);
void order_fds_arrived(struct keeper *keeper, uint64_t call_id);
void order_send(struct keeper *keeper, struct slot *slot);
int order_was_read(const struct slot *slot);

/* stdin.c */
void input_offer(struct keeper *keeper, struct slot *slot, const unsigned char *bytes, size_t length, int ends);
void input_flush(struct keeper *keeper, struct slot *slot);
void input_close(struct keeper *keeper, struct slot *slot);

/* output.c */
void output_pump(struct keeper *keeper, struct slot *slot);
void output_event(struct keeper *keeper, struct slot *slot, uint32_t events);
void output_arm(struct keeper *keeper, struct slot *slot);
void output_arm_all(struct keeper *keeper);
int output_blocked(const struct keeper *keeper, const struct slot *slot);
void output_close(struct keeper *keeper, struct slot *slot);
void output_reader_gone(struct keeper *keeper, struct slot *slot, uint32_t stream);
/* After anything that may have moved a slot's output on: gives CAP and DRAINED. */
void output_settle(struct keeper *keeper, struct slot *slot);

/* killing.c */
/* In the tree as it was read last, with all descendants. */
void task_mark(struct keeper *keeper, const struct slot *slot);
void task_kill(struct keeper *keeper, struct slot *slot);

/* ending.c */
void send_end(struct keeper *keeper, struct slot *slot);
/* Status, figures and verdict of a task whose hook is no more, or finished. */
void task_measure(const struct keeper *keeper, struct slot *slot, const struct input_data *data);

/* outer.c */
int outer_is_kept(const struct keeper *keeper);
/* The descriptors stay the caller's. 0, or -errno: then the process must not go on. */
int outer_adopt(const struct keeper *keeper, struct slot *slot, const int fds[OUTERS]);
void outer_drop(struct slot *slot);

/* linger.c */
enum slot_state linger_or_release(struct keeper *keeper, struct slot *slot);
void linger_bound(struct keeper *keeper);
void strays_claim(struct keeper *keeper, struct slot *slot);
void strays_forget(struct keeper *keeper, pid_t pid);
void stray_reaped(struct keeper *keeper, pid_t pid);

/* stock.c */
void keeper_refill(struct keeper *keeper);

#endif
