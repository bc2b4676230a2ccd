/* From exec to HELLO. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "park.h"

/* 0 to 2 must be taken, or a pipe of a slot would land there. */
static int hold_standard_descriptors(void)
{
  int fd;
  do fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= 2);
  if (fd < 0) return -errno;
  close(fd);
  return 0;
}

/* 256 slots of five descriptors do not fit the usual 1024; the children get back what we were given. */
static int raise_file_limit(struct keeper *keeper)
{
  if (getrlimit(RLIMIT_NOFILE, &keeper->files_before) < 0) return -errno;
  struct rlimit raised = { keeper->files_before.rlim_max, keeper->files_before.rlim_max };
  return setrlimit(RLIMIT_NOFILE, &raised) < 0 ? -errno : 0;
}

static int take_signals(struct keeper *keeper)
{
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, TASK_FINISHED_SIGNAL);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -errno;
  int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) return -errno;
  port_open(&keeper->signals, fd, port_tag(PORT_SIGNAL, 0, 0));
  return port_arm(&keeper->signals, keeper->epoll_fd, EPOLLIN);
}

static void clear_slots(struct keeper *keeper)
{
  for (uint32_t i = 0; i < SLOTS_MAX; i++) {
    keeper->slots[i] = (struct slot){
      .index = i, .order = PORT_CLOSED, .input = PORT_CLOSED, .output = PORT_CLOSED, .error = PORT_CLOSED,
      .order_far_fd = -1, .outer_fds = { -1, -1 }, .leaf_fd = -1, .peak_fd = -1, .due_ns = NEVER, .watch_ns = NEVER,
    };
    for (unsigned c = 0; c < CONTROLLERS_MAX; c++) keeper->slots[i].controller_fds[c] = -1;
  }
}

static void say_hello(struct keeper *keeper)
{
  struct hello hello = {
    .pid = (uint32_t)keeper->pid, .wire_version = WIRE_VERSION, .placement = keeper->placement,
    .slots = keeper->options.slots,
  };
  struct ring_part part = { &hello, sizeof hello };
  link_send(&keeper->link, RECORD_HELLO, 0, UINT32_MAX, 0, &part, 1);
}

/* A container may have fewer than the machine. */
static uint32_t processors(void)
{
  cpu_set_t set;
  int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1; /* EINVAL: more than 1024 of them */
  return count > 0 ? (uint32_t)count : 1;
}

static int close_on_exec(int fd)
{
  return fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

int out_of_the_way(int fd)
{
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, EXEC_PROGRAM_FD_MIN), status = moved < 0 ? -errno : moved;
  close(fd);
  return status;
}

int open_program(const char *name, int *fd)
{
  char path[4096 + 64];
  ssize_t length = readlink("/proc/self/exe", path, 4096);
  if (length < 0) return -errno;
  while (length > 0 && path[length - 1] != '/') length--;
  snprintf(path + length, sizeof path - (size_t)length, "../build/%s", name);
  int found = open(path, O_PATH | O_CLOEXEC);
  if (found < 0) return -errno;
  *fd = out_of_the_way(found);
  return *fd < 0 ? *fd : 0;
}

static int find_programs(struct keeper *keeper, const char **step)
{
  int status = 0;
  *step = "supervisor-parked";
  keeper->parked_program_fd = -1;
  if (keeper->options.runtime == RUNTIME_EXEC) status = open_program(*step, &keeper->parked_program_fd);
  if (status < 0) return status;
  *step = "supervisor-confine";
  return confining_setup(keeper);
}

int keeper_setup(struct keeper *keeper, const char **step)
{
  const struct options *options = &keeper->options;
  keeper->pid = getpid();
  keeper->zygote_leaf_fd = -1;
  keeper->zygote.port = PORT_CLOSED;
  keeper->zygote.exit_status = -1;
  keeper->target = (struct target){
    .parked = options->parked < options->slots ? options->parked : options->slots, .running_max = options->slots
  };
  keeper->processors = processors();
  keeper->short_since_ns = keeper->refill_due_ns = NEVER;
  clear_slots(keeper);

  int status;
  *step = "inherited descriptors";
  if ((status = close_on_exec(options->channel_fd)) < 0 || (status = close_on_exec(options->ring_fd)) < 0 ||
      (status = close_on_exec(options->cgroup_fd)) < 0 || (status = hold_standard_descriptors()) < 0)
    return status;
  for (unsigned i = 0; i < options->controller_count; i++)
    if ((status = close_on_exec(options->controllers[i].fd)) < 0) return status;
  *step = "prctl";
  /* Orphans of a task come to us. Our memory holds environments: closed to others of this uid. */
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0) return -errno;
  *step = "RLIMIT_NOFILE";
  if ((status = raise_file_limit(keeper)) < 0) return status;
  keeper->children_fd = tree_open_children();
  *step = "epoll and signals";
  if ((keeper->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0) return -errno;
  if ((status = take_signals(keeper)) < 0) return status;
  *step = "ring";
  status = link_attach(&keeper->link, options->channel_fd, options->ring_fd, options->ring_bytes, options->generation);
  if (status < 0) return status;
  *step = "channel socket";
  if ((status = port_arm(&keeper->link.port, keeper->epoll_fd, EPOLLIN)) < 0) return status;
  /* From here on the daemon can be told in words. */
  if ((status = find_programs(keeper, step)) < 0) {
    say_hello(keeper);
    report_failure(keeper, NULL, STAGE_PROGRAM, -status, *step);
    return status;
  }
  *step = "cgroup";
  int leaves = leaves_setup(keeper);
  say_hello(keeper);
  if (leaves < 0) report_failure(keeper, NULL, STAGE_LEAF_MKDIR, -leaves, options->pool);
  return leaves;
}
