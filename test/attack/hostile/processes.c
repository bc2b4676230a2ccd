/* Attacks on other processes. Values are written back as they were read, and the signal is 0: permission is asked as for any
 * other, and where it is given nothing is hurt. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.h"

#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

/* In each process of this program at the same address: it is not linked to be moved. */
static char secret[] = "secret of the victim";
static char copy[sizeof secret];

static pid_t pid_in(char **args)
{
  return args[0] ? atoi(args[0]) : 0;
}

/* The test's, not a hook: it lives as long as the test. */
static const char *be_victim(char **args)
{
  (void)args;
  alarm(0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pause();
  return "done";
}

static const char *signal_one(char **args) { return outcome(kill(pid_in(args), 0)); }
static const char *signal_thread(char **args) { return outcome(syscall(SYS_tgkill, pid_in(args), pid_in(args), 0)); }

static const char *signal_group(char **args)
{
  pid_t group = getpgid(pid_in(args));
  return outcome(group < 0 ? group : kill(-group, 0));
}

static const char *signal_all(char **args)
{
  (void)args;
  return outcome(kill(-1, 0));
}

static const char *signal_queue(char **args)
{
  return outcome(sigqueue(pid_in(args), 0, (union sigval){ 0 }));
}

static const char *signal_by_descriptor(char **args)
{
  int fd = (int)syscall(SYS_pidfd_open, pid_in(args), 0);
  return outcome(fd < 0 ? fd : syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
}

static const char *signal_by_pipe(char **args)
{
  int ends[2];
  return outcome(pipe(ends) < 0 ? -1 : fcntl(ends[0], F_SETOWN, pid_in(args)));
}

static const char *steal_descriptor(char **args)
{
  int fd = (int)syscall(SYS_pidfd_open, pid_in(args), 0);
  return outcome(fd < 0 ? fd : syscall(SYS_pidfd_getfd, fd, 1, 0));
}

static const char *trace(char **args) { return outcome(ptrace(PTRACE_SEIZE, pid_in(args), 0, 0)); }

static const char *trace_child(char **args)
{
  (void)args;
  pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  const char *got = outcome(ptrace(PTRACE_SEIZE, child, 0, 0));
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return got;
}

static const char *read_memory(char **args)
{
  struct iovec here = { copy, sizeof copy }, there = { secret, sizeof secret };
  const char *got = outcome(process_vm_readv(pid_in(args), &here, 1, &there, 1, 0));
  return strcmp(got, "done") == 0 && strcmp(copy, secret) != 0 ? "something else" : got;
}

static const char *write_memory(char **args)
{
  struct iovec both = { secret, sizeof secret };
  return outcome(process_vm_writev(pid_in(args), &both, 1, &both, 1, 0));
}

static const char *open_memory(char **args)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", pid_in(args));
  int fd = open(path, O_RDWR);
  return outcome(fd < 0 ? fd : pwrite(fd, secret, sizeof secret, (off_t)(size_t)secret));
}

static const char *advise_memory(char **args)
{
  struct iovec there = { (void *)((size_t)secret & ~4095ul), 4096 };
  int fd = (int)syscall(SYS_pidfd_open, pid_in(args), 0);
  return outcome(fd < 0 ? fd : syscall(SYS_process_madvise, fd, &there, 1, MADV_COLD, 0));
}

static const char *move_memory(char **args)
{
  return outcome(syscall(SYS_move_pages, pid_in(args), 0, NULL, NULL, NULL, 0));
}

static const char *limit(char **args)
{
  struct rlimit now;
  pid_t pid = pid_in(args);
  return outcome(prlimit(pid, RLIMIT_NOFILE, NULL, &now) < 0 ? -1 : prlimit(pid, RLIMIT_NOFILE, &now, NULL));
}

static const char *renice(char **args)
{
  errno = 0;
  int now = getpriority(PRIO_PROCESS, (id_t)pid_in(args));
  return outcome(errno ? -1 : setpriority(PRIO_PROCESS, (id_t)pid_in(args), now));
}

/* Of a user that has no processes. */
static const char *renice_user(char **args)
{
  (void)args;
  return outcome(setpriority(PRIO_USER, 3999999, 0));
}

static const char *pin(char **args)
{
  cpu_set_t now;
  pid_t pid = pid_in(args);
  return outcome(sched_getaffinity(pid, sizeof now, &now) < 0 ? -1 : sched_setaffinity(pid, sizeof now, &now));
}

static const char *reschedule(char **args)
{
  return outcome(sched_setscheduler(pid_in(args), SCHED_OTHER, &(struct sched_param){ 0 }));
}

static const char *reorder_io(char **args)
{
  long now = syscall(SYS_ioprio_get, 1, pid_in(args));
  return outcome(now < 0 ? now : syscall(SYS_ioprio_set, 1, pid_in(args), now));
}

const struct attack process_attacks[] = {
  { "be-victim", be_victim },
  { "signal", signal_one },
  { "signal-group", signal_group },
  { "signal-thread", signal_thread },
  { "signal-all", signal_all },
  { "signal-queue", signal_queue },
  { "signal-by-descriptor", signal_by_descriptor },
  { "signal-by-pipe", signal_by_pipe },
  { "steal-descriptor", steal_descriptor },
  { "trace", trace },
  { "trace-child", trace_child },
  { "read-memory", read_memory },
  { "write-memory", write_memory },
  { "open-memory", open_memory },
  { "advise-memory", advise_memory },
  { "move-memory", move_memory },
  { "limit", limit },
  { "renice", renice },
  { "renice-user", renice_user },
  { "pin", pin },
  { "reschedule", reschedule },
  { "reorder-io", reorder_io },
  { NULL, NULL },
};
