/* A task that is answered before its main process is reaped: the process has written everything, closed its streams, and
 * said so (TASK_FINISHED_SIGNAL). What is left is the kernel's work on its memory. */
#include "keeper.h"

#include <signal.h>
#include <time.h>

#define LEAVE_MS 1000u

/* Of the whole process, as the kernel has counted it so far; 0 where it cannot be asked. */
static uint64_t cpu_us_of(pid_t pid)
{
  clockid_t clock;
  struct timespec used;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0) return 0;
  return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

static void measure(struct keeper *keeper, struct slot *slot, int exit_code)
{
  struct task_end *end = &slot->call.end;
  uint64_t cpu_us = cpu_us_of(confined_pid(keeper, slot));
  end->exit_code = (uint32_t)exit_code;
  end->run_ns = now_ns() - slot->call.started_ns;
  end->cpu_us = cpu_us > slot->cpu_before_us ? cpu_us - slot->cpu_before_us : 0;
  leaf_measure_end(slot, end, NULL);
}

enum slot_state act_finished(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  /* Twice: a short read of a running task is not followed up, and its end comes with the next. */
  output_pump(keeper, slot);
  output_pump(keeper, slot);
  int all_read = slot->output.fd < 0 && slot->error.fd < 0 && !slot->call.over_cap;
  /* Somebody else holds its pipes, or it is being ended: then its death decides, as for any other process. */
  if (!all_read || slot->call.outcome != OUTCOME_ANSWERED || !order_was_read(slot)) return SLOT_RUNNING;
  measure(keeper, slot, data->status);
  send_end(keeper, slot);
  port_close(&slot->order, keeper->epoll_fd);
  input_close(keeper, slot);
  call_clear(slot);
  slot->due_ns = now_ns() + LEAVE_MS * NS_PER_MS;
  return SLOT_LEAVING;
}

enum slot_state act_left(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  slot->exit_status = data->status;
  return linger_or_release(keeper, slot);
}

enum slot_state act_not_leaving(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)keeper, (void)data;
  (void)kill(slot->pid, SIGKILL);
  slot->due_ns = now_ns() + LEAVE_MS * NS_PER_MS;
  return SLOT_LEAVING;
}
