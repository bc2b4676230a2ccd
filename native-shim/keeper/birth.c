/* Starting a process in a slot. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io.h"
#include "park.h"

void report_failure(struct keeper *keeper, struct slot *slot, uint32_t stage, int errnum, const char *text)
{
  struct setup_failure failure = { .stage = stage, .errnum = errnum, .subject_bytes = (uint32_t)strlen(text) };
  struct ring_part parts[] = { { &failure, sizeof failure }, { text, failure.subject_bytes } };
  link_send(&keeper->link, RECORD_FAILURE, 0, slot == NULL ? UINT32_MAX : slot->index,
            slot == NULL ? 0 : slot->generation, parts, 2);
  keeper->next_start_ns = now_ns() + backoff_ms(++keeper->start_failures) * NS_PER_MS;
}

pid_t fork_child(struct keeper *keeper, int leaf_fd)
{
  pid_t pid;
  if (keeper->placement == PLACEMENT_CLONE_INTO && leaf_fd >= 0) {
    struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)leaf_fd };
    pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  } else {
    pid = fork();
  }
  return pid < 0 ? -errno : pid;
}

enum { END_INPUT, END_OUTPUT, END_ERROR, END_ORDER, ENDS };

struct ends { int near[ENDS], far[ENDS]; };

static void close_ends(struct ends *ends)
{
  for (int i = 0; i < ENDS; i++) {
    if (ends->near[i] >= 0) close(ends->near[i]);
    if (ends->far[i] >= 0) close(ends->far[i]);
  }
}

/* The near ends do not block; the far ones do, as a hook expects of its streams. */
static int open_ends(struct ends *ends, uint32_t *stage)
{
  for (int i = 0; i < ENDS; i++) ends->near[i] = ends->far[i] = -1;
  int pair[2], status = 0;
  *stage = STAGE_PIPES;
  for (int i = END_INPUT; i <= END_ERROR && status == 0; i++) {
    if (pipe2(pair, O_CLOEXEC) < 0) return -errno;
    ends->near[i] = pair[i == END_INPUT ? 1 : 0];
    ends->far[i] = pair[i == END_INPUT ? 0 : 1];
    status = set_nonblock(ends->near[i]);
  }
  if (status < 0) return status;
  *stage = STAGE_SOCKETPAIR;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
  ends->near[END_ORDER] = pair[0];
  ends->far[END_ORDER] = pair[1];
  return 0;
}

/* 0, or -errno with *stage; the far ends stay open either way. */
static int start_process(struct keeper *keeper, struct slot *slot, struct ends *ends, uint32_t *stage)
{
  *stage = STAGE_FORK;
  if (keeper->options.runtime == RUNTIME_PYTHON) return zygote_fork(keeper, slot, ends->far);

  int leaf_procs = -1;
  if (keeper->placement == PLACEMENT_SELF_WRITE) {
    leaf_procs = openat(slot->leaf_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (leaf_procs < 0) return *stage = STAGE_LEAF_ENTER, -errno;
  }
  char **confining = NULL;
  if (is_confined(keeper) && (confining = confining_argv(keeper, slot)) == NULL) {
    if (leaf_procs >= 0) close(leaf_procs);
    return -ENOMEM;
  }
  pid_t pid = fork_child(keeper, slot->leaf_fd);
  if (pid == 0) {
    struct exec_park park = {
      .input = ends->far[END_INPUT], .output = ends->far[END_OUTPUT], .error = ends->far[END_ERROR],
      .order = ends->far[END_ORDER], .program = keeper->parked_program_fd, .leaf_procs = leaf_procs, .keeper = keeper->pid,
      .command = keeper->options.zygote_argv, .confine = keeper->confine_program_fd, .confining = confining,
      .outer_user = slot->outer_fds[OUTER_USER], .outer_net = slot->outer_fds[OUTER_NET],
      .door = keeper->options.confinement.door_fd,
    };
    exec_park(&park);
  }
  free(confining);
  if (leaf_procs >= 0) close(leaf_procs);
  if (pid < 0) return pid;
  slot->pid = slot->session = pid;
  (void)leaf_adopt(keeper, slot, pid); /* it may have died; and it is proved before it is announced */
  return 0;
}

static void adopt_ends(struct slot *slot, struct ends *ends)
{
  uint32_t index = slot->index, generation = slot->generation;
  struct stat pipe;
  for (int i = END_INPUT; i <= END_ERROR; i++)
    slot->pipe_inodes[i] = fstat(ends->near[i], &pipe) == 0 ? pipe.st_ino : 0;
  port_open(&slot->input, ends->near[END_INPUT], port_tag(PORT_STDIN, index, generation));
  port_open(&slot->output, ends->near[END_OUTPUT], port_tag(PORT_STDOUT, index, generation));
  port_open(&slot->error, ends->near[END_ERROR], port_tag(PORT_STDERR, index, generation));
  port_open(&slot->order, ends->near[END_ORDER], port_tag(PORT_ORDER, index, generation));
  slot->order_far_fd = ends->far[END_ORDER];
  for (int i = END_INPUT; i <= END_ERROR; i++) close(ends->far[i]);
}

enum slot_state act_begin(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  slot->generation++;
  slot->pid = slot->session = 0;
  slot->has_run = slot->lingering_announced = slot->lingering_condemned = 0;
  slot->lingering_looks = 0;
  call_clear(slot);

  int status = keeper->options.cgroup_fd >= 0 ? leaf_prepare(keeper, slot) : 0;
  if (status < 0) {
    report_failure(keeper, slot, STAGE_LEAF_MKDIR, -status, "");
    return SLOT_EMPTY;
  }
  const char *unheld = "";
  if (is_confined(keeper) && (status = protection_hold(&keeper->protection, &unheld)) < 0) {
    report_failure(keeper, slot, STAGE_PROTECT, -status, unheld);
    return SLOT_EMPTY;
  }
  slot->protected_as = protection_digest(&keeper->protection);
  slot->begun_ns = now_ns();
  struct ends ends;
  uint32_t stage;
  status = open_ends(&ends, &stage);
  if (status == 0) status = start_process(keeper, slot, &ends, &stage);
  if (status < 0) {
    close_ends(&ends);
    report_failure(keeper, slot, stage, -status, "");
    return SLOT_EMPTY;
  }
  adopt_ends(slot, &ends);
  port_arm(&slot->order, keeper->epoll_fd, EPOLLIN);
  output_arm(keeper, slot); /* now and not when the task starts: that would be on the task's time */
  slot->due_ns = slot->begun_ns + READY_TIMEOUT_MS * NS_PER_MS;
  return SLOT_STARTING;
}
