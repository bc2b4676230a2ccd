/* A task that is answered before its main process is reaped: the process has written everything, closed its streams, and
 * said so (TASK_FINISHED_SIGNAL), or it stands for a hook that is no more (PARK_ENDED). What is left is the kernel's work on
 * memory and namespaces. */
#include "keeper.h"

#include <signal.h>

#define LEAVE_MS 1000u

enum slot_state act_finished(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  /* Twice: a short read of a running task is not followed up, and its end comes with the next. */
  output_pump(keeper, slot);
  output_pump(keeper, slot);
  int all_read = slot->output.fd < 0 && slot->error.fd < 0 && !slot->call.over_cap;
  /* Somebody else holds its pipes, or it is being ended: then its death decides, as for any other process. */
  if (!all_read || slot->call.outcome != OUTCOME_ANSWERED || !order_was_read(slot)) return SLOT_RUNNING;
  task_measure(keeper, slot, data);
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
