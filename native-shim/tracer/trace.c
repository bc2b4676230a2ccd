#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "tracee.h"
#include "tracer.h"

#define TASKS_MAX 256
#define OPTIONS (PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
                 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

/* A task is told of twice, by its parent's stop in fork and by its own first stop, in either order; a short one may have
 * ended before its parent's stop is seen. */
struct task {
  pid_t tid;
  bool is_announced; /* by its parent */
  bool is_ended;     /* without having been announced */
};

struct tracing {
  const struct request *request;
  const struct shim *shim;
  struct task tasks[TASKS_MAX];
  int task_count;
  bool is_started; /* the shim runs: its own execve has been seen */
  char exec_path[2 * PATH_MAX];
  bool is_at_end;  /* it has become what it wanted, and is kept there */
  bool is_over;
};

static void refuse(struct tracing *at, const char *why)
{
  if (!at->is_over) report("no", why);
  at->is_over = true;
}

static struct task *find_task(struct tracing *at, pid_t tid)
{
  for (int i = 0; i < at->task_count; i++)
    if (at->tasks[i].tid == tid) return &at->tasks[i];
  if (at->task_count == TASKS_MAX) {
    refuse(at, "it starts too many processes");
    return NULL;
  }
  at->tasks[at->task_count] = (struct task){.tid = tid};
  return &at->tasks[at->task_count++];
}

static void forget_task(struct tracing *at, struct task *task)
{
  *task = at->tasks[--at->task_count];
}

static void task_announced(struct tracing *at, pid_t tid)
{
  struct task *task = find_task(at, tid);
  if (task == NULL) return;
  if (task->is_ended) forget_task(at, task);
  else task->is_announced = true;
}

static void task_ended(struct tracing *at, pid_t tid)
{
  struct task *task = find_task(at, tid);
  if (task == NULL) return;
  if (task->is_announced) forget_task(at, task);
  else task->is_ended = true;
}

static int tasks_alive(const struct tracing *at)
{
  int alive = 0;
  for (int i = 0; i < at->task_count; i++) alive += !at->tasks[i].is_ended;
  return alive;
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static bool is_helper(const struct tracing *at, pid_t pid)
{
  char program[PATH_MAX];
  if (tracee_link(pid, "exe", program) < 0) return false;
  for (int i = 0; i < at->request->helper_count; i++)
    if (strcmp(base_name(program), at->request->helpers[i]) == 0) return true;
  return false;
}

/* The shim has become the interpreter and stays stopped. What else it has started ends first: one that does not is met
 * by the time limit of whoever started us. */
static void on_end(struct tracing *at)
{
  const char *why = unaccounted(at->shim, at->request);
  if (why != NULL) refuse(at, why);
  else if (report_end(at->shim->pid, at->exec_path) < 0) refuse(at, "its end cannot be read");
  at->is_over = true;
}

/* After an execve, before the first instruction of the new program. Nothing but known helpers may run here: a hook, above
 * all, must not, since it is about to be run elsewhere. */
static void on_exec(struct tracing *at, pid_t pid)
{
  if (pid == at->shim->pid && !at->is_started) {
    at->is_started = true;
    return;
  }
  bool is_wanted = strcmp(base_name(at->exec_path), base_name(at->request->path)) == 0;
  if (pid == at->shim->pid && (is_wanted || !is_helper(at, pid))) at->is_at_end = true;
  else if (is_wanted || !is_helper(at, pid)) refuse(at, "it starts a program that is not known");
}

static void on_call(struct tracing *at, pid_t tid)
{
  struct ptrace_syscall_info call;
  char path[2 * PATH_MAX];
  if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof call, &call) < 0 || call.op != PTRACE_SYSCALL_INFO_SECCOMP) {
    refuse(at, "its system calls cannot be read");
    return;
  }
  switch (call_asks(tid, &call, path)) {
  case ASKED_NOTHING:
    return;
  case ASKED_PATH:
    report("path", path);
    return;
  case ASKED_LISTING:
    report("listing", path);
    return;
  case ASKED_EXEC: /* the next stop of this thread that is an exec is that of this path */
    report("path", path);
    snprintf(at->exec_path, sizeof at->exec_path, "%s", path);
    return;
  case ASKED_TOO_MUCH:
    report("changes", path);
    refuse(at, "it changes files, or asks others than files");
    return;
  }
}

/* The signal to go on with. */
static int on_stop(struct tracing *at, pid_t tid, int status)
{
  int signal = WSTOPSIG(status), event = status >> 16;
  unsigned long child;
  if (event == PTRACE_EVENT_SECCOMP) on_call(at, tid);
  else if (event == PTRACE_EVENT_EXEC) on_exec(at, tid);
  else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
    if (ptrace(PTRACE_GETEVENTMSG, tid, 0, &child) == 0) task_announced(at, (pid_t)child);
  } else if (event == 0) return signal;
  return 0;
}

int trace(const struct request *request, const struct shim *shim)
{
  static struct tracing at;
  at = (struct tracing){.request = request, .shim = shim, .tasks = {{shim->pid, true, false}}, .task_count = 1};
  if (ptrace(PTRACE_SEIZE, shim->pid, 0, OPTIONS) < 0) return -errno;
  if (write(shim->go_fd, "g", 1) != 1) return -errno;
  while (!at.is_over) {
    int status;
    pid_t tid = waitpid(-1, &status, __WALL);
    if (tid < 0 && errno == EINTR) continue;
    if (tid < 0) return -errno;
    if (WIFSTOPPED(status)) {
      find_task(&at, tid);
      int signal = on_stop(&at, tid, status);
      bool stays = at.is_over || (at.is_at_end && tid == shim->pid);
      if (!stays && ptrace(PTRACE_CONT, tid, 0, signal) < 0 && errno != ESRCH) return -errno;
    } else {
      task_ended(&at, tid);
      if (tid == shim->pid) refuse(&at, "it does not become an interpreter");
    }
    if (at.is_at_end && tasks_alive(&at) == 1 && !at.is_over) on_end(&at);
  }
  return 0;
}
